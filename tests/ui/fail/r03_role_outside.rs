struct Node;

impl Node {
    #[dig_service::rpc]
    fn get(&self) -> u8 {
        1
    }

    #[dig_service::on_start]
    async fn warm(&self) {}

    #[dig_service::task(every = "1s")]
    fn gc(&self) {}

    #[dig_service::supervised]
    async fn sync(&self) {}

    #[dig_service::reload]
    fn reopen(&self) {}

    #[dig_service::run]
    async fn work(&self) {}
}

#[dig_service::cleanup]
fn tidy() {}

fn main() {
    let _ = Node.get();
    let _ = (Node.warm(), Node.sync(), Node.work());
    Node.gc();
    Node.reopen();
    tidy();
}
