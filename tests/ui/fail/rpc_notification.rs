//! Methods that nobody waits for.

struct Node;

#[dig_service::node]
impl Node {
    #[rpc(notification)]
    fn fine(&self) {}

    #[rpc(notification = false)]
    fn call(&self) -> u8 {
        7
    }

    #[rpc(notification)]
    fn answers(&self) -> u8 {
        7
    }

    #[rpc(notification)]
    async fn fails(&self) -> Result<(), dig_service::JsonRpcError> {
        Ok(())
    }
}

fn main() {}
