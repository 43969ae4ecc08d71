struct Node;

#[dig_service::node]
impl Node {
    #[rpc(blocking = "yes")]
    fn get(&self) {}

    #[rpc(lenient(true))]
    fn put(&self) {}

    #[rpc(lenient = false)]
    fn fine(&self) {}
}

fn main() {}
