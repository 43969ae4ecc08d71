struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn get(&self, t: impl Send) {
        drop(t);
    }
}

fn main() {}
