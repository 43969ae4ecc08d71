#[dig_service::node(namespace = "chain", separator = ".", rename_all = "camelCase")]
struct Node;

#[dig_service::methods(name = "node")]
impl Node {}

#[dig_service::node(bounds = "S: Store")]
struct Other;

fn main() {}
