struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn get(&self, x: Option<u8>, y: u8) -> u8 {
        x.unwrap_or(y)
    }

    #[rpc]
    fn put(&self, #[arg(default)] x: u8, y: u8) -> u8 {
        x + y
    }

    #[rpc(params = "named")]
    fn fine(&self, x: Option<u8>, y: u8) -> u8 {
        x.unwrap_or(y)
    }
}

fn main() {}
