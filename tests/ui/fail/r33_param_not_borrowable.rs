struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn get(&self, n: &u64) -> u64 {
        *n
    }

    #[rpc]
    fn maybe(&self, n: Option<&Vec<u8>>) -> bool {
        n.is_some()
    }
}

fn main() {}
