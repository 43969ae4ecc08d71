//! Work that cannot move between threads.

struct Node;

#[dig_service::node]
impl Node {
    #[supervised]
    async fn not_send(&self) {
        let local = std::rc::Rc::new(7);
        std::future::pending::<()>().await;
        drop(local);
    }
}

fn main() {}
