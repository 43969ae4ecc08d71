use dig_service::JsonRpcError;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Block;

struct Node;

#[dig_service::node(discover)]
impl Node {
    #[rpc]
    fn get(&self, like: Block) -> Result<u8, JsonRpcError> {
        drop(like);
        Ok(0)
    }

    #[rpc]
    fn head(&self) -> Result<Block, JsonRpcError> {
        Ok(Block)
    }
}

struct Hooks;

#[dig_service::node(discover, lifecycle_only)]
impl Hooks {}

#[dig_service::node(discover)]
struct Relay;

fn main() {}
