struct Node;

#[dig_service::node]
impl Node {
    #[rpc(name = "a", name = "b")]
    fn get(&self) {}
}

fn main() {}
