struct Node;

#[dig_service::node]
impl Node {}

#[dig_service::node]
impl Node {}

fn main() {}
