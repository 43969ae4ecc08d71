//! Work whose signature does not fit, and children of one name.

use dig_service::TaskContext;

struct Node;

#[dig_service::node]
impl Node {
    #[task(every = "1s")]
    fn exclusive(&mut self) {}

    #[supervised]
    async fn without() {}

    #[supervised]
    async fn two(&self, cx: &TaskContext, more: u8) {}

    #[reload]
    async fn context(&self, cx: &TaskContext) {}

    #[task(every = "1s")]
    #[supervised]
    async fn both(&self) {}

    #[task(every = "1s")]
    fn sync(&self) {}

    #[supervised(name = "sync")]
    async fn other(&self) {}
}

struct Quiet;

#[dig_service::node(rpc_only)]
impl Quiet {
    #[task(every = "1s")]
    fn never_run(&self) {}
}

fn main() {}
