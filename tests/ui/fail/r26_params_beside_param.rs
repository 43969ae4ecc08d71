use dig_service::RpcContext;
use serde_json::Value;

struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn get(&self, #[params] all: Value, x: u8) -> (Value, u8) {
        (all, x)
    }

    #[rpc]
    fn named(&self, #[params] #[arg(name = "x")] all: Value) -> Value {
        all
    }

    #[rpc]
    fn fine(&self, cx: &RpcContext, #[params] all: Value) -> (String, Value) {
        (cx.transport().to_string(), all)
    }
}

fn main() {}
