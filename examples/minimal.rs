//! The smallest service that does something: a hook and an RPC method. Ctrl-C stops it.
//!
//! ```text
//! cargo run --example minimal
//! curl --json '{"jsonrpc":"2.0","id":1,"method":"greet","params":["you"]}' http://127.0.0.1:9778
//! ```

use dig_service::{MainOutput, Service};

struct Greeter {
    greeting: &'static str,
}

#[dig_service::node(name = "greeter")]
impl Greeter {
    #[on_start]
    fn warm_up(&self) {
        tracing::info!(greeting = self.greeting, "ready to greet");
    }

    /// Greets someone.
    #[rpc]
    fn greet(&self, name: &str) -> String {
        format!("{}, {name}!", self.greeting)
    }
}

#[dig_service::dig_main]
async fn main() -> impl MainOutput {
    tracing_subscriber::fmt().init();
    let address = std::env::args().nth(1);
    let address = address.unwrap_or_else(|| "127.0.0.1:9778".to_owned());
    let greeting = "hello";
    Service::node_builder(Greeter { greeting }).rpc_http(address)
}
