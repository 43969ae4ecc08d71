struct Node;

#[dig_service::node]
impl Node {
    #[rpc(name)]
    fn get(&self) {}

    #[rpc(alias("say"))]
    fn put(&self) {}
}

fn main() {}
