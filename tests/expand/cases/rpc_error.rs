//! An error with codes.

#[derive(dig_service::RpcError)]
#[rpc_error(code = NotSynced)]
pub enum Error<T> {
    Behind(T),
    #[rpc_error(code = 4001, message = "no", data = Self::details)]
    NoBlock { height: u64 },
}

impl<T> Error<T> {
    fn details(&self) -> u8 {
        1
    }
}

impl<T> std::fmt::Display for Error<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("error")
    }
}

fn main() {}
