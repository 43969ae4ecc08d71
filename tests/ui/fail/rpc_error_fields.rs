use std::fmt;

use dig_service::RpcError;

struct Opaque;

#[derive(RpcError)]
enum Fault {
    #[rpc_error(code = 4001, fields)]
    Bare,
    #[rpc_error(code = 4002, fields, data = Self::details)]
    Both(u8),
    #[rpc_error(code = 4003, fields)]
    Closed(Opaque),
}

impl Fault {
    fn details(&self) -> u8 {
        0
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fault")
    }
}

fn main() {}
