struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn get(&self, #[cfg(unix)] _x: u8) {}

    #[rpc]
    fn twice(&self, x: u8, #[arg(name = "x")] y: u8) -> u8 {
        x + y
    }
}

fn main() {}
