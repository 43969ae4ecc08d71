//! How long a call may take.

struct Node;

#[dig_service::node]
impl Node {
    #[rpc(timeout = "5s")]
    fn sync(&self) {}

    #[rpc(timeout = "0s")]
    async fn none(&self) {}

    #[rpc(timeout = "5 parsecs")]
    async fn far(&self) {}

    #[rpc(timeout = 5)]
    async fn number(&self) {}
}

fn main() {}
