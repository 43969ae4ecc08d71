struct Node;

#[dig_service::node(rpc_only, lifecycle_only)]
impl Node {
    #[rpc]
    fn get(&self) {}
}

fn main() {}
