struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn get(&self, (x, y): (u8, u8)) -> u8 {
        x + y
    }
}

fn main() {}
