use dig_service::RpcContext;

struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn get(&self, a: &RpcContext, b: &RpcContext) -> bool {
        a.peer() == b.peer()
    }
}

fn main() {}
