struct Node;

#[dig_service::node(groups(chain, chain, absent))]
impl Node {
    #[rpc]
    fn get(&self) {}
}

#[dig_service::rpc_group(chain)]
impl Node {
    #[rpc(alias = "got")]
    fn fetch(&self) {}

    #[on_stop]
    fn flush(&self) {}
}

#[dig_service::rpc_group]
impl Node {}

#[dig_service::rpc_group(wallet, colour)]
impl Node {}

#[dig_service::rpc_group(wallet)]
struct Other;

fn main() {}
