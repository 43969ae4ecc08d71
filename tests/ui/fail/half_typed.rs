//! A body that is being typed: what is said of it is all that is said.

use dig_service::Service;

struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn height(&self) -> u64 {
        let x = self.
    }

    #[on_stop]
    async fn flush(&self) {}
}

struct Other;

#[dig_service::node]
impl Other {
    #[task(every = "1s")]
    async fn gc(&self) {
        let x = self.
    }

    #[supervised]
    async fn sync(&self) {}
}

fn main() {
    let _ = Service::for_node(Node);
    let _ = Service::for_node(Other);
}
