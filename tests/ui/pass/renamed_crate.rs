//! The runtime crate under another name.
#![deny(warnings)]

mod inner {
    pub mod framework {
        pub use ::dig_service::*;
    }
}

use inner::framework;

struct Node;

#[framework::node(crate = crate::inner::framework)]
impl Node {
    #[framework::rpc]
    fn path(&self) -> Result<u8, Error> {
        Err(Error)
    }

    #[crate::inner::framework::on_start]
    fn warm(&self) {}
}

#[derive(Debug, framework::RpcError)]
#[rpc_error(code = NotSynced, crate = inner::framework)]
struct Error;

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("x")
    }
}

#[framework::node(crate = "crate::inner::framework")]
struct Struct;

#[framework::methods(crate = framework)]
impl Struct {
    #[rpc]
    fn get(&self) -> u8 {
        1
    }
}

#[framework::dig_main(crate = framework, flavor = "current_thread")]
async fn main() {
    let _ = framework::Service::for_node(Node);
    let _ = framework::Service::for_node(Struct);
}
