struct Node;

#[dig_service::node(rpc_only, bounds(S: Store), separator = ".")]
impl Node {
    #[rpc]
    fn get(&self) {}

    #[run]
    async fn work(&self) {}
}

fn main() {}
