struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn length(&self, raw: &[u8]) -> usize {
        raw.len()
    }

    #[rpc]
    fn maybe<'a>(&self, raw: Option<&'a [u8]>, rest: (u8, &[u8])) -> bool {
        raw.is_some() && rest.0 == 0
    }

    #[rpc]
    fn whole(&self, #[params] raw: &[u8]) -> usize {
        raw.len()
    }
}

fn main() {}
