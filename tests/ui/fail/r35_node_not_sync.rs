use std::cell::Cell;

struct Node(Cell<u8>);

#[dig_service::node]
impl Node {
    #[rpc]
    fn get(&self) -> u8 {
        self.0.get()
    }
}

struct Generic<S>(S);

#[dig_service::node]
impl<S> Generic<S> {}

fn main() {
    let _ = (Node(Cell::new(1)), Generic(1));
}
