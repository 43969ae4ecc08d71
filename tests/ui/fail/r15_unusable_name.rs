struct Node;

#[dig_service::node]
impl Node {
    #[rpc(name = "")]
    fn empty(&self) {}

    #[rpc(name = "two words")]
    fn space(&self) {}

    #[rpc(alias = " ")]
    fn alias(&self) {}
}

fn main() {}
