//! One argument made from all the params, where they say nothing.

use std::collections::HashMap;

use dig_service::RpcApi;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize, Serialize)]
struct Page {
    after: Option<u64>,
    size: Option<u64>,
}

#[derive(Deserialize, Serialize)]
struct View<'v> {
    #[serde(borrow)]
    name: Option<&'v str>,
    size: Option<u64>,
}

#[derive(Deserialize, Serialize)]
struct Strict {
    from: u64,
}

struct Node;

#[dig_service::node]
impl Node {
    #[rpc]
    fn owned(&self, #[params] page: Page) -> Page {
        page
    }

    #[rpc]
    fn borrowed(&self, #[params] view: View<'_>) -> Value {
        json!(view)
    }

    #[rpc]
    fn list(&self, #[params] list: Vec<u64>) -> Vec<u64> {
        list
    }

    #[rpc]
    fn map(&self, #[params] map: HashMap<String, u64>) -> HashMap<String, u64> {
        map
    }

    #[rpc]
    fn optional(&self, #[params] page: Option<Page>) -> Option<Page> {
        page
    }

    #[rpc]
    fn value(&self, #[params] value: Value) -> Value {
        value
    }

    #[rpc(params = "named")]
    fn named(&self, #[params] page: Page) -> Page {
        page
    }

    #[rpc]
    fn strict(&self, #[params] strict: Strict) -> Strict {
        strict
    }

    #[rpc]
    fn strict_view(&self, #[params] pair: (&str, u64)) -> String {
        pair.0.to_owned()
    }
}

#[tokio::test]
async fn params_that_say_nothing_are_the_same() {
    let page = || json!({ "after": null, "size": null });
    let view = || json!({ "name": null, "size": null });
    // What is answered to `null`, `[]` and `{}`.
    let table = [
        ("owned", [page(), page(), page()]),
        ("borrowed", [view(), view(), view()]),
        ("list", [json!([]), json!([]), json!([])]),
        ("map", [json!({}), json!({}), json!({})]),
        ("named", [page(), page(), page()]),
        // Types that take more than one of them see which one came.
        ("optional", [Value::Null, page(), page()]),
        ("value", [Value::Null, json!([]), json!({})]),
    ];

    for (method, expected) in table {
        for (params, expected) in [Value::Null, json!([]), json!({})]
            .into_iter()
            .zip(expected)
        {
            let answer = Node.dispatch(method, params.clone()).await;
            assert_eq!(answer, Ok(expected), "{method} {params}");
        }
    }
}

#[tokio::test]
async fn what_nothing_cannot_be_is_told_of_what_came() {
    let table = [
        ("strict", Value::Null, "missing field `from`"),
        ("strict", json!({}), "missing field `from`"),
        (
            "strict",
            json!([]),
            "invalid length 0, expected struct Strict with 1 element",
        ),
        (
            "strict_view",
            json!([]),
            "invalid length 0, expected a tuple of size 2",
        ),
        (
            "strict_view",
            json!({}),
            "invalid type: map, expected a tuple of size 2",
        ),
    ];

    for (method, params, expected) in table {
        let error = Node.dispatch(method, params.clone()).await.unwrap_err();
        assert_eq!(error.message, format!("params: {expected}"), "{params}");
    }
}

#[tokio::test]
async fn params_that_say_something_are_read_as_they_are() {
    let table = [
        (
            "owned",
            json!({ "size": 3 }),
            Ok(json!({ "after": null, "size": 3 })),
        ),
        (
            "borrowed",
            json!(["x", 3]),
            Ok(json!({ "name": "x", "size": 3 })),
        ),
        ("list", json!([1, 2]), Ok(json!([1, 2]))),
        (
            "list",
            json!({ "a": 1 }),
            Err("params: invalid type: map, expected a sequence"),
        ),
        (
            "owned",
            json!([1]),
            Err("params: invalid length 1, expected struct Page with 2 elements"),
        ),
    ];

    for (method, params, expected) in table {
        let answer = Node.dispatch(method, params.clone()).await;
        let answer = answer.map_err(|error| error.message);
        assert_eq!(answer, expected.map_err(str::to_owned), "{method} {params}");
    }
}
