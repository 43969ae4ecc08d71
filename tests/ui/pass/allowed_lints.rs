//! What is allowed on a block is allowed in what is generated for it.
#![deny(warnings)]

#[deprecated]
#[derive(serde::Deserialize)]
struct Old(u8);

#[derive(Clone)]
struct Node;

#[dig_service::node]
#[allow(deprecated)]
impl Node {
    #[rpc]
    fn get(&self, old: Old) -> u8 {
        old.0
    }

    #[rpc]
    #[must_use]
    #[deprecated(since = "1.0.0", note = "use `get`")]
    async fn gone(&self) -> u8 {
        1
    }

    #[on_stop]
    #[deprecated]
    async fn stop(&self) {}
}

fn main() {
    let _ = dig_service::Service::for_node(Node.clone());
}
