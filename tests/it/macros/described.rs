//! What a node says of its methods, how names are spelt, and generic nodes.

use dig_service::{ParamStructure, RpcApi};
use serde_json::{Value, json};

struct Chain;

#[dig_service::node(namespace = "chain", separator = ".")]
impl Chain {
    /// Gets a block.
    ///
    /// Twice over.
    #[rpc]
    async fn get_block(
        &self,
        /// Height of the block.
        height: u64,
        full: Option<bool>,
    ) -> (u64, bool) {
        (height, full.unwrap_or(false))
    }

    #[rpc(alias = "say", alias = "repeat")]
    fn echo(&self, text: &str) -> String {
        text.to_owned()
    }

    #[rpc(hidden, params = "named")]
    #[deprecated(note = "use `get_block`")]
    fn old(&self, #[arg(alias = "n")] number: u8) -> u8 {
        number
    }

    #[cfg(any())]
    #[rpc]
    fn off(&self) {}
}

#[test]
fn methods_are_described() {
    let methods = <Chain as RpcApi>::methods();
    let find = |name: &str| methods.iter().find(|method| method.name() == name).unwrap();

    let get_block = find("chain.get_block");
    assert_eq!(get_block.doc(), "Gets a block.\n\nTwice over.");
    assert_eq!(get_block.params()[0].name(), "height");
    assert_eq!(get_block.params()[0].doc(), "Height of the block.");
    assert!(get_block.params()[0].is_required());
    assert!(!get_block.params()[1].is_required());
    assert_eq!(find("chain.echo").aliases(), ["say", "repeat"]);
    let old = find("chain.old");
    assert_eq!(old.deprecated(), Some("use `get_block`"));
    assert_eq!(old.structure(), ParamStructure::ByName);
    assert_eq!(old.params()[0].aliases(), ["n"]);
    assert!(old.is_hidden());
    assert!(methods.iter().all(|method| method.name() != "chain.off"));
}

struct Camel;

#[dig_service::node(rename_all = "camelCase", namespace = "eth")]
impl Camel {
    #[rpc]
    fn get_block_number(&self, block_hash: String) -> String {
        block_hash
    }
}

#[tokio::test]
async fn names_can_be_spelt_in_camel_case() {
    let answer = Camel
        .dispatch("eth_getBlockNumber", json!({"blockHash": "x"}))
        .await;

    assert_eq!(answer, Ok(json!("x")));
}

struct Generic<S>(S);

trait Store: Send + Sync + 'static {
    fn get(&self) -> u64;
}

impl Store for u64 {
    fn get(&self) -> u64 {
        *self
    }
}

#[dig_service::node]
impl<S> Generic<S>
where
    S: Store,
{
    #[rpc]
    async fn get(&self) -> u64 {
        self.0.get()
    }
}

#[tokio::test]
async fn a_node_may_be_generic() {
    assert_eq!(
        Generic(7_u64).dispatch("get", Value::Null).await,
        Ok(json!(7))
    );
}
