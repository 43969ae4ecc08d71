struct Node;

#[dig_service::node]
impl Node {
    #[on_start]
    #[rpc]
    async fn warm(&self) {}

    #[rpc]
    #[rpc(name = "second")]
    async fn get(&self) {}
}

fn main() {}
