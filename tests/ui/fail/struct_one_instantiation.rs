#[dig_service::node]
struct Node<S: Send + Sync + 'static>(S);

#[dig_service::methods]
impl Node<u8> {
    #[on_stop]
    fn flush(&self) {}
}

fn main() {
    let _ = Node(1).0;
}
