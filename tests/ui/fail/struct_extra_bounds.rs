struct Disk;

trait Store: Send + Sync + 'static {}

impl Store for Disk {}

#[dig_service::node]
struct Node<S: Send + Sync + 'static>(S);

// Without `bounds(S: Store)` on the struct the hook would not run for every `S`.
#[dig_service::methods]
impl<S: Store> Node<S> {
    #[on_stop]
    fn flush(&self) {}
}

fn main() {
    let _ = Node(Disk).0;
}
