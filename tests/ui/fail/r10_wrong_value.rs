struct Node;

#[dig_service::node(crate = 5)]
impl Node {
    #[rpc(name = 5)]
    fn get(&self) {}

    #[rpc(alias = other)]
    fn put(&self) {}
}

fn main() {}
