struct Node;

#[dig_service::methods]
impl Node {
    #[on_stop]
    fn flush(&self) {}
}

struct Whole;

#[dig_service::node]
impl Whole {}

#[dig_service::methods]
impl Whole {
    #[on_stop]
    fn flush(&self) {}
}

fn main() {}
