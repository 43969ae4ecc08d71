struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn a<T: Send>(&self) {}

    #[rpc]
    fn b<const N: usize>(&self) {}

    #[on_stop]
    fn c<T>(&self) {}

    #[rpc]
    fn fine<'a>(&self, text: &'a str) -> &'a str {
        text
    }
}

fn main() {}
