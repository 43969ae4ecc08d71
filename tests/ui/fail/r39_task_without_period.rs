//! Row 39: a task without a period.

struct Node;

#[dig_service::node]
impl Node {
    #[task]
    async fn gc(&self) {}

    #[task(jitter = "10%")]
    fn sweep(&self) {}
}

fn main() {}
