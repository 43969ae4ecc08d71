macro_rules! helpers {
    () => {};
}

mod inner {
    pub(crate) use helpers;
}

struct Node;

#[dig_service::node]
impl Node {
    helpers!();

    inner::helpers! {}

    #[rpc]
    fn get(&self) -> u8 {
        1
    }
}

fn main() {}
