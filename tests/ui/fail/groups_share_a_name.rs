struct Node;

#[dig_service::node(groups(chain))]
impl Node {
    #[rpc]
    fn get(&self) {}
}

#[dig_service::rpc_group(chain)]
impl Node {
    #[rpc(alias = "get")]
    fn fetch(&self) {}
}

struct Twins;

#[dig_service::node(groups(first, second))]
impl Twins {}

#[dig_service::rpc_group(first)]
impl Twins {
    #[rpc(name = "same")]
    fn one(&self) {}
}

#[dig_service::rpc_group(second)]
impl Twins {
    #[rpc(name = "same")]
    fn two(&self) {}
}

fn main() {}
