struct Node;

#[dig_service::node]
impl Node {
    #[on_start]
    async fn warm() {}

    #[run]
    async fn work(_ctx: dig_service::RunContext) {}
}

fn main() {}
