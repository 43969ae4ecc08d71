struct Node;

#[dig_service::node]
impl Node {
    #[rpc(name = "rpc.x")]
    fn named(&self) {}

    #[rpc(alias = "rpc.discover")]
    fn alias(&self) {}
}

fn main() {}
