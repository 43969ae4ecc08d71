struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn get(&self, _: u8) {}

    #[rpc]
    fn put(&self, __: u8) {}

    #[rpc]
    fn fine(&self, #[arg(name = "height")] _: u8) {}
}

fn main() {}
