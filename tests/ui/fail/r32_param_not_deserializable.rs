struct Req;

struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn get(&self, req: Req) {
        let Req = req;
    }

    #[rpc]
    fn maybe(&self, req: Option<Req>) -> bool {
        req.is_some()
    }

    #[rpc]
    fn all(&self, #[params] req: Req) {
        let Req = req;
    }
}

fn main() {}
