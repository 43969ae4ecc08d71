use dig_service::JsonRpcError;
use serde::{Deserialize, Serialize};

struct Node<S>(S);

#[dig_service::node(client = NodeClient)]
impl<S: Clone + Serialize + Send + Sync + 'static> Node<S> {
    #[rpc]
    fn get(&self) -> S {
        self.0.clone()
    }

    #[rpc]
    fn new(&self) -> u8 {
        0
    }

    #[rpc]
    fn all(&self) -> Result<Vec<S>, JsonRpcError> {
        Ok(Vec::new())
    }

    #[rpc]
    fn fine(&self) -> u8 {
        0
    }
}

#[derive(Deserialize)]
struct ReadOnly;

#[derive(Serialize)]
struct WriteOnly;

struct Plain;

#[dig_service::node(client = PlainClient)]
impl Plain {
    #[rpc]
    fn ask(&self, what: ReadOnly) {
        drop(what);
    }

    #[rpc]
    fn tell(&self) -> Result<WriteOnly, JsonRpcError> {
        Ok(WriteOnly)
    }
}

struct Misspelt;

#[dig_service::node(client = "a::b")]
impl Misspelt {}

type Hidden = Result<u8, JsonRpcError>;
type Other<T> = Result<T, JsonRpcError>;

struct Aliased;

#[dig_service::node(client = AliasedClient)]
impl Aliased {
    #[rpc]
    fn hidden(&self) -> Hidden {
        Ok(0)
    }

    #[rpc]
    fn other(&self, #[arg(alias = "")] what: u8) -> Other<u8> {
        Ok(what)
    }
}

fn main() {}
