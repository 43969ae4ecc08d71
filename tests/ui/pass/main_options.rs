//! Every option of `#[dig_main]`.
#![deny(warnings)]

use dig_service::{ExitStatus, Service, ServiceError};
use tokio::runtime::Builder;

#[dig_service::node]
struct Node;

fn runtime() -> Builder {
    Builder::new_current_thread()
}

fn code(outcome: &Result<ExitStatus, ServiceError>) -> u8 {
    u8::from(outcome.is_err())
}

mod one {
    use super::*;

    #[dig_service::dig_main(runtime = runtime, signals = "none", shutdown_timeout = "1m30s", exit_code = code)]
    pub async fn main() -> anyhow::Result<Service<Node, (), Node>> {
        anyhow::bail!("never run")
    }
}

mod two {
    #[dig_service::dig_main(flavor = "multi_thread", worker_threads = 2, exit_codes = "sysexits")]
    pub async fn main() -> Option<()> {
        None
    }
}

/// Runs nothing.
#[dig_service::dig_main(flavor = "current_thread", signals = "none", exit_codes = "simple")]
async fn main() {
    let _ = (one::main, two::main);
}
