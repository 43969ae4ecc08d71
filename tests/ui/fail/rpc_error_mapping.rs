use std::fmt;

#[derive(dig_service::RpcError)]
enum Unknown {
    #[rpc_error(code = NotSynce)]
    A,
    #[rpc_error(code = "4001")]
    B,
    #[rpc_error(code = 4_000_000_000)]
    C,
    #[rpc_error(cod = 1)]
    D,
    #[rpc_error]
    E,
}

impl fmt::Display for Unknown {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

#[derive(dig_service::RpcError)]
union Union {
    a: u8,
}

fn main() {}
