#[derive(dig_service::RpcError)]
#[rpc_error(code = NotSynced)]
struct Behind;

fn main() {}
