//! A type that nobody marked is no node, and has no RPC.

use dig_service::Service;

struct Plain;

#[dig_service::node(rpc_only)]
struct Lifeless;

fn main() {
    let _ = Service::node_builder(Plain);
    let _ = Service::node_builder(Lifeless);
}
