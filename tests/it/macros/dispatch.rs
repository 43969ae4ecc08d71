//! How calls reach `#[rpc]` methods: names, params, results.

use std::borrow::Cow;

use dig_service::{ErrorCode, JsonRpcError, RpcApi};
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
type Seen = Result<Value, (i32, String)>;

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
    fn bytes(&self, raw: Vec<u8>, tail: Option<&str>) -> usize {
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

async fn call(method: &str, params: Value) -> Seen {
    let chain = Chain { offset: 0 };
    let answer = chain.dispatch(method, params).await;
    answer.map_err(|error| (error.code.code(), error.message))
}

fn invalid(message: &str) -> Seen {
    Err((-32602, message.to_owned()))
}

async fn check<const N: usize>(table: [(&str, Value, Seen); N]) {
    for (method, params, expected) in table {
        assert_eq!(
            call(method, params.clone()).await,
            expected,
            "{method} {params}"
        );
    }
}

#[tokio::test]
async fn required_and_optional_params_come_by_position_or_by_name() {
    check([
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
    ])
    .await;
}

#[tokio::test]
async fn params_of_nothing_are_none() {
    check([
        ("chain.nothing", Value::Null, Ok(Value::Null)),
        ("chain.nothing", json!([]), Ok(Value::Null)),
        ("chain.nothing", json!({}), Ok(Value::Null)),
        (
            "chain.nothing",
            json!([1]),
            invalid("expected no params, got 1"),
        ),
        ("chain.version", Value::Null, Ok(json!("1.0"))),
    ])
    .await;
}

#[tokio::test]
async fn aliases_are_names() {
    check([
        ("chain.echo", json!(["a\nb"]), Ok(json!("a\nb"))),
        ("chain.echo", json!({"text": "x"}), Ok(json!("x"))),
        (
            "chain.echo",
            json!([1, 2]),
            invalid("expected at most 1 param, got 2"),
        ),
        ("say", json!(["x"]), Ok(json!("x"))),
        ("repeat", json!(["x"]), Ok(json!("x"))),
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
        (
            "chain.renamed",
            json!({"quiet": 1, "type": 2, "height": 3, "weight": 4}),
            invalid("unknown param `weight`"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn defaults_fill_in_for_absent_params() {
    check([
        ("chain.range", json!([1]), Ok(json!(110))),
        ("chain.range", json!([1, 2]), Ok(json!(102))),
        ("chain.range", json!({"from": 1, "step": 5}), Ok(json!(115))),
        (
            "chain.range",
            json!([1, null]),
            invalid("param `to`: invalid type: null, expected u64"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn one_argument_may_take_all_params() {
    check([
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
    ])
    .await;
}

#[tokio::test]
async fn params_are_moved_or_borrowed() {
    check([
        ("chain.cow", json!(["x"]), Ok(json!(true))),
        ("chain.bytes", json!([[1, 2, 3]]), Ok(json!(3))),
        ("chain.bytes", json!([[1, 2, 3], "de"]), Ok(json!(5))),
        ("chain.view", json!([{"name": "ab"}, 2]), Ok(json!("abab"))),
        ("chain.lifetimes", json!(["", "r"]), Ok(json!("r"))),
    ])
    .await;
}

#[tokio::test]
async fn a_method_may_choose_how_params_come() {
    check([
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
    ])
    .await;
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
