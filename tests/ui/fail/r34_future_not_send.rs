use std::rc::Rc;

struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    async fn get(&self) -> u8 {
        let cell = Rc::new(1);
        std::future::ready(()).await;
        *cell
    }

    #[on_stop]
    async fn stop(&self) {
        let cell = Rc::new(1);
        std::future::ready(()).await;
        drop(cell);
    }
}

fn main() {}
