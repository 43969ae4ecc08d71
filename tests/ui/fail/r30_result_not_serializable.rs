use dig_service::JsonRpcError;

struct Block;

struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn get(&self) -> Block {
        Block
    }

    #[rpc]
    async fn find(&self) -> Result<Block, JsonRpcError> {
        Ok(Block)
    }
}

fn main() {}
