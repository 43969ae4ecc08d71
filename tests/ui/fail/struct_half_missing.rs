#[dig_service::node(lifecycle_only)]
struct Silent;

#[dig_service::methods]
impl Silent {
    #[rpc]
    fn get(&self) -> u8 {
        1
    }
}

#[dig_service::node(rpc_only)]
struct Lifeless;

#[dig_service::methods]
impl Lifeless {
    #[on_stop]
    fn flush(&self) {}
}

fn main() {}
