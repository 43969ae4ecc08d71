#[dig_service::node]
struct Node;

#[dig_service::methods]
impl Node {
    #[on_stop]
    fn flush(&self) {}
}

mod elsewhere {
    #[dig_service::methods]
    impl super::Node {
        #[rpc]
        fn get(&self) -> u8 {
            1
        }
    }
}

fn main() {}
