struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn get(&self) {}

    #[rpc(name = "get")]
    fn fetch(&self) {}

    #[rpc(alias = "get")]
    fn load(&self) {}

    #[rpc(alias = "own")]
    fn own(&self) {}

    #[cfg(all())]
    #[rpc(name = "one")]
    fn one_way(&self) {}

    #[cfg(not(any()))]
    #[rpc(name = "one")]
    fn other_way(&self) {}
}

fn main() {}
