struct Node;

#[dig_service::node(rename_all = "SHOUT")]
impl Node {
    #[rpc(nmae = "x")]
    fn a(&self) {}

    #[rpc]
    fn b(&mut self) {}

    #[on_start]
    #[rpc]
    fn c(&self) {}

    #[rpc]
    fn d(&self, (x, y): (u8, u8)) -> u8 {
        x + y
    }

    #[on_stop]
    fn e() {}

    #[rpc]
    fn fine(&self) -> u8 {
        1
    }
}

fn main() {}
