struct Node;

#[dig_service::node(colour)]
impl Node {
    #[rpc(nmae = "x")]
    fn near(&self) {}

    #[rpc(colour = "x")]
    fn far(&self) {}

    #[rpc(retries = 3)]
    fn later(&self) {}

    #[on_start(order = 1)]
    fn none(&self) {}

    #[rpc]
    fn argument(&self, #[arg(defualt = 1)] _x: u8) {}
}

fn main() {}
