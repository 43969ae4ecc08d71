use dig_service::RpcContext;

struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn bare(&self, #[arg] x: u8) -> u8 {
        x
    }

    #[rpc]
    fn value(&self, #[params(all)] x: u8) -> u8 {
        x
    }

    #[rpc]
    fn context(&self, #[arg(name = "x")] cx: &RpcContext) -> bool {
        cx.peer().is_some()
    }

    #[rpc]
    fn empty(&self, #[arg(name = "")] x: u8) -> u8 {
        x
    }

    #[rpc]
    fn again(&self, #[arg(name = "a")] #[arg(name = "b")] x: u8) -> u8 {
        x
    }
}

fn main() {}
