struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn get(&self, x: &mut String) {
        x.clear();
    }
}

fn main() {}
