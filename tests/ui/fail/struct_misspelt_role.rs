#[dig_service::node]
struct Node;

#[dig_service::methods]
impl Node {
    #[on_stpo]
    fn flush(&self) {}
}

fn main() {}
