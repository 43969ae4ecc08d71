//! Row 40: periods that are none.

use std::time::Duration;

struct Node;

#[dig_service::node]
impl Node {
    #[task(every = "10")]
    fn a(&self) {}

    #[task(every = "10 parsecs")]
    fn b(&self) {}

    #[task(every = "0s")]
    fn c(&self) {}

    #[task(every = 10)]
    fn d(&self) {}

    #[task(every = Self::seconds)]
    fn e(&self) {}

    fn seconds(&self) -> u64 {
        Duration::from_secs(1).as_secs()
    }
}

fn main() {}
