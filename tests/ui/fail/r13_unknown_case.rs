struct Node;

#[dig_service::node(rename_all = "SHOUT")]
impl Node {
    #[rpc(params = "any")]
    fn get(&self) {}
}

fn main() {}
