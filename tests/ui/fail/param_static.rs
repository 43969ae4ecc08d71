struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn length(&self, text: &'static str) -> usize {
        text.len()
    }
}

fn main() {}
