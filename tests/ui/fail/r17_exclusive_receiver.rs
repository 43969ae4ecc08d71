struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn set(&mut self) {}

    #[on_stop]
    fn stop(&mut self) {}
}

fn main() {}
