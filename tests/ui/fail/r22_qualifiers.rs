struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    unsafe fn a(&self) {}

    #[rpc]
    const fn b(&self) {}

    #[rpc]
    extern "C" fn c(&self) {}

    #[pre_start]
    unsafe fn d(&self) {}
}

fn main() {}
