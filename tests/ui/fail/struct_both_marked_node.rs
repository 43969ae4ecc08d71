#[dig_service::node]
struct Node;

#[dig_service::node]
impl Node {
    #[on_stop]
    fn flush(&self) {}
}

fn main() {}
