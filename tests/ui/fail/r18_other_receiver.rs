use std::sync::Arc;

struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn consume(self) {}

    #[rpc]
    fn shared(self: Arc<Self>) {}

    #[run]
    async fn run(self) {}

    #[rpc]
    fn none() {}
}

fn main() {}
