struct Node;

#[dig_service::node]
impl Clone for Node {
    fn clone(&self) -> Self {
        Node
    }
}

#[dig_service::methods]
impl std::fmt::Debug for Node {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

fn main() {}
