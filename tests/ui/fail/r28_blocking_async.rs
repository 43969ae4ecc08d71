struct Node;

#[dig_service::node]
impl Node {
    #[rpc(blocking)]
    async fn get(&self) {}
}

fn main() {}
