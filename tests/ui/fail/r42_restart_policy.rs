//! Row 42: a policy that is none, and the other options of work that are given wrongly.

struct Node;

#[dig_service::node]
impl Node {
    #[supervised(restart = "sometimes")]
    async fn policy(&self) {}

    #[supervised(give_up = "never")]
    async fn giving_up(&self) {}

    #[supervised(backoff("1s"))]
    async fn one_delay(&self) {}

    #[supervised(backoff("2s", "1s"))]
    async fn shrinking(&self) {}

    #[supervised(backoff("0s", "1s"))]
    async fn hot(&self) {}

    #[supervised(max_restarts = "5")]
    async fn words(&self) {}

    #[supervised(max_restarts = -1)]
    async fn negative(&self) {}

    #[supervised(within = "0s")]
    async fn no_window(&self) {}

    #[supervised(kind = "loop")]
    async fn kind(&self) {}

    #[supervised(every = "1s")]
    async fn period(&self) {}

    #[task(every = "1s", missed = "never")]
    fn missed(&self) {}

    #[task(every = "1s", on_error = "panic")]
    fn on_error(&self) {}

    #[task(every = "1s", jitter = "0.1")]
    fn jitter(&self) {}

    #[task(every = "1s", jitter = "101%")]
    fn more_than_all(&self) {}

    #[task(every = "1s", name = "a/b")]
    fn path(&self) {}

    #[reload(order = "first")]
    fn order(&self) {}
}

fn main() {}
