//! How calls reach `#[rpc]` methods: names, params, results.

use std::borrow::Cow;

use dig_service::{ErrorCode, JsonRpcError, ParamStructure, RpcApi, RpcContext, Transport};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

struct Chain {
    offset: u64,
}

#[derive(Deserialize, Serialize)]
struct Range {
    from: u64,
    #[serde(default)]
    to: u64,
}

#[derive(Deserialize)]
struct View<'v> {
    name: &'v str,
}

type Answer<T> = Result<T, JsonRpcError>;

#[dig_service::node(name = "chain", namespace = "chain", separator = ".")]
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
    ) -> Answer<(u64, bool)> {
        Ok((height + self.offset, full.unwrap_or(false)))
    }

    #[rpc(alias = "say", alias = "repeat")]
    fn echo(&self, text: &str) -> String {
        text.to_owned()
    }

    #[rpc(name = "range")]
    async fn with_defaults(
        &self,
        from: u64,
        #[arg(default = 10)] to: u64,
        #[arg(default)] step: u64,
    ) -> u64 {
        from * 100 + to + step
    }

    #[rpc]
    fn whole(&self, #[params] range: Range) -> Range {
        range
    }

    #[rpc]
    fn whole_with_context(&self, cx: &RpcContext, #[params] all: Value) -> (String, Value) {
        (cx.transport().to_string(), all)
    }

    #[rpc]
    fn context(&self, x: u64, cx: &RpcContext) -> (u64, bool) {
        (x, cx.transport() == Transport::Local)
    }

    #[rpc]
    fn nothing(&self) {}

    #[rpc]
    fn version() -> &'static str {
        "1.0"
    }

    #[rpc]
    fn cow(&self, text: Cow<'_, str>) -> bool {
        matches!(text, Cow::Owned(_))
    }

    #[rpc]
    fn bytes(&self, raw: &[u8], tail: Option<&str>) -> usize {
        raw.len() + tail.map_or(0, str::len)
    }

    #[rpc]
    async fn view(&self, view: View<'_>, times: usize) -> String {
        view.name.repeat(times)
    }

    #[rpc]
    fn lifetimes<'a>(&self, left: &'a str, right: &'a str) -> &'a str {
        if left.is_empty() { right } else { left }
    }

    #[rpc(params = "named")]
    fn named(&self, a: Option<u8>, b: u8) -> u8 {
        a.unwrap_or(0) + b
    }

    #[rpc(params = "positional")]
    fn positional(&self, a: u8, b: u8) -> u8 {
        a * 10 + b
    }

    #[rpc(lenient)]
    fn lenient(&self, a: u8) -> u8 {
        a
    }

    #[rpc]
    fn renamed(
        &self,
        _quiet: u8,
        r#type: u8,
        #[arg(name = "h", alias = "height")] block: u8,
    ) -> u32 {
        u32::from(_quiet) * 100 + u32::from(r#type) * 10 + u32::from(block)
    }

    #[rpc(blocking)]
    fn slow(&self) -> u8 {
        7
    }

    #[rpc]
    fn hidden_failure(&self) -> anyhow::Result<u8> {
        anyhow::bail!("secret path")
    }

    #[rpc]
    fn failure(&self) -> Result<u8, JsonRpcError> {
        Err(JsonRpcError::new(ErrorCode::RateLimited, "slow down"))
    }

    #[rpc(hidden, params = "named")]
    #[deprecated(note = "use `get_block`")]
    fn old(&self, #[arg(alias = "n")] number: u8) -> u8 {
        number
    }

    #[cfg(any())]
    #[rpc]
    fn off(&self) {}

    #[cfg_attr(all(), rpc)]
    fn conditional_role(&self) -> u8 {
        1
    }

    #[cfg_attr(any(), rpc)]
    fn no_role(&self) -> u8 {
        self.helper()
    }

    fn helper(&self) -> u8 {
        2
    }
}

async fn call(method: &str, params: Value) -> Result<Value, (i32, String)> {
    let chain = Chain { offset: 0 };
    let answer = chain.dispatch(method, params).await;
    answer.map_err(|error| (error.code.code(), error.message))
}

fn invalid(message: &str) -> Result<Value, (i32, String)> {
    Err((-32602, message.to_owned()))
}

#[tokio::test]
async fn params_follow_the_rules() {
    let table = [
        ("chain.get_block", json!([1, true]), Ok(json!([1, true]))),
        ("chain.get_block", json!([1]), Ok(json!([1, false]))),
        ("chain.get_block", json!([1, null]), Ok(json!([1, false]))),
        (
            "chain.get_block",
            json!({"full": true, "height": 2}),
            Ok(json!([2, true])),
        ),
        (
            "chain.get_block",
            json!({"height": 2}),
            Ok(json!([2, false])),
        ),
        (
            "chain.get_block",
            json!([1, true, 3]),
            invalid("expected at most 2 params, got 3"),
        ),
        (
            "chain.get_block",
            json!({"heigth": 1}),
            invalid("unknown param `heigth`"),
        ),
        (
            "chain.get_block",
            json!({}),
            invalid("missing param `height`"),
        ),
        (
            "chain.get_block",
            Value::Null,
            invalid("missing param `height`"),
        ),
        (
            "chain.get_block",
            json!([]),
            invalid("missing param `height`"),
        ),
        (
            "chain.get_block",
            json!(["x"]),
            invalid("param `height`: invalid type: string \"x\", expected u64"),
        ),
        (
            "chain.get_block",
            json!("x"),
            invalid("expected params as an array or an object, got a string"),
        ),
        ("chain.nothing", Value::Null, Ok(Value::Null)),
        ("chain.nothing", json!([]), Ok(Value::Null)),
        ("chain.nothing", json!({}), Ok(Value::Null)),
        (
            "chain.nothing",
            json!([1]),
            invalid("expected no params, got 1"),
        ),
        ("chain.echo", json!(["a\nb"]), Ok(json!("a\nb"))),
        ("chain.echo", json!({"text": "x"}), Ok(json!("x"))),
        (
            "chain.echo",
            json!([1, 2]),
            invalid("expected at most 1 param, got 2"),
        ),
        ("say", json!(["x"]), Ok(json!("x"))),
        ("repeat", json!(["x"]), Ok(json!("x"))),
        ("chain.range", json!([1]), Ok(json!(110))),
        ("chain.range", json!([1, 2]), Ok(json!(102))),
        ("chain.range", json!({"from": 1, "step": 5}), Ok(json!(115))),
        (
            "chain.range",
            json!([1, null]),
            invalid("param `to`: invalid type: null, expected u64"),
        ),
        (
            "chain.whole",
            json!({"from": 3}),
            Ok(json!({"from": 3, "to": 0})),
        ),
        (
            "chain.whole",
            json!([3, 4]),
            Ok(json!({"from": 3, "to": 4})),
        ),
        (
            "chain.whole",
            Value::Null,
            invalid("params: missing field `from`"),
        ),
        (
            "chain.whole_with_context",
            json!([1]),
            Ok(json!(["local", [1]])),
        ),
        ("chain.context", json!({"x": 4}), Ok(json!([4, true]))),
        ("chain.version", Value::Null, Ok(json!("1.0"))),
        ("chain.cow", json!(["x"]), Ok(json!(true))),
        ("chain.bytes", json!(["abc"]), Ok(json!(3))),
        ("chain.bytes", json!(["abc", "de"]), Ok(json!(5))),
        ("chain.view", json!([{"name": "ab"}, 2]), Ok(json!("abab"))),
        ("chain.lifetimes", json!(["", "r"]), Ok(json!("r"))),
        ("chain.named", json!({"b": 2}), Ok(json!(2))),
        (
            "chain.named",
            json!([1, 2]),
            invalid("expected params by name, got an array"),
        ),
        ("chain.positional", json!([1, 2]), Ok(json!(12))),
        (
            "chain.positional",
            json!({"a": 1}),
            invalid("expected params by position, got an object"),
        ),
        ("chain.lenient", json!([1, 2, 3]), Ok(json!(1))),
        ("chain.lenient", json!({"a": 1, "z": 2}), Ok(json!(1))),
        (
            "chain.renamed",
            json!({"quiet": 1, "type": 2, "h": 3}),
            Ok(json!(123)),
        ),
        (
            "chain.renamed",
            json!({"quiet": 1, "type": 2, "height": 3}),
            Ok(json!(123)),
        ),
        (
            "chain.renamed",
            json!({"quiet": 1, "type": 2, "h": 3, "height": 3}),
            invalid("param `h` is given twice"),
        ),
    ];

    for (method, params, expected) in table {
        assert_eq!(
            call(method, params.clone()).await,
            expected,
            "{method} {params}"
        );
    }
}

#[tokio::test]
async fn results_and_errors_are_told_apart_by_type() {
    let table = [
        ("chain.slow", Ok(json!(7))),
        (
            "chain.hidden_failure",
            Err((-32603, "internal error".to_owned())),
        ),
        ("chain.failure", Err((10004, "slow down".to_owned()))),
        ("chain.conditional_role", Ok(json!(1))),
        (
            "chain.off",
            Err((-32601, "method `chain.off` not found".to_owned())),
        ),
        (
            "chain.no_role",
            Err((-32601, "method `chain.no_role` not found".to_owned())),
        ),
        (
            "get_block",
            Err((-32601, "method `get_block` not found".to_owned())),
        ),
    ];

    for (method, expected) in table {
        assert_eq!(call(method, Value::Null).await, expected, "{method}");
    }
    assert_eq!(Chain { offset: 0 }.no_role(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocking_method_runs_on_a_multi_thread_runtime() {
    assert_eq!(call("chain.slow", Value::Null).await, Ok(json!(7)));
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
