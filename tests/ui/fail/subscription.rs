use dig_service::JsonRpcError;

struct Node;

#[dig_service::node(client = NodeClient)]
impl Node {
    #[rpc(subscription)]
    fn nothing(&self) {}

    #[rpc(subscription)]
    fn number(&self) -> Result<u8, JsonRpcError> {
        Ok(0)
    }

    #[rpc(unsubscribe = "end")]
    fn plain(&self) -> u8 {
        0
    }

    #[rpc(subscription, notification)]
    fn quiet(&self) {}

    #[rpc(subscription)]
    fn heads(&self) -> Empty {
        Empty
    }

    #[rpc]
    fn unsubscribe_heads(&self) {}
}

struct Empty;

fn main() {}
