//! Work whose types do not fit.

use dig_service::RunContext;

struct Node;

#[dig_service::node]
impl Node {
    #[task(every = "1s")]
    fn wrong_result(&self) -> u8 {
        7
    }

    #[supervised]
    async fn wrong_context(&self, cx: &RunContext) {
        cx.shutdown.cancelled().await;
    }
}

fn main() {}
