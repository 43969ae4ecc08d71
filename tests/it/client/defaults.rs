//! Params that have a default: only `None` stands for it.

use std::sync::Arc;

use dig_service::client::{ClientError, Local};
use serde_json::{Value, json};

struct Defaults;

#[dig_service::node(rpc_only, client = DefaultsClient)]
impl Defaults {
    #[rpc]
    fn limit(&self, #[arg(default = Some(5))] limit: Option<u64>) -> Option<u64> {
        limit
    }

    #[rpc]
    fn value(&self, #[arg(default = json!("unset"))] value: Value) -> Value {
        value
    }

    #[rpc]
    fn weight(&self, #[arg(default = 1.5)] weight: f64) -> f64 {
        weight
    }

    #[rpc]
    fn mark(&self, #[arg(default = "!")] mark: &str) -> String {
        mark.to_owned()
    }

    #[rpc(params = "positional")]
    fn placed(
        &self,
        first: Value,
        #[arg(default = Some(5))] second: Option<u64>,
        third: Option<u64>,
    ) -> (Value, Option<u64>, Option<u64>) {
        (first, second, third)
    }
}

fn client() -> DefaultsClient<Local<Defaults>> {
    DefaultsClient::new(Local::new(Arc::new(Defaults)))
}

#[tokio::test]
async fn null_that_is_given_is_no_default() {
    let client = client();

    assert_eq!(client.limit(None).await.unwrap(), Some(5));
    assert_eq!(client.limit(Some(None)).await.unwrap(), None);
    assert_eq!(client.limit(Some(Some(7))).await.unwrap(), Some(7));
    assert_eq!(client.value(None).await.unwrap(), "unset");
    assert_eq!(client.value(Some(Value::Null)).await.unwrap(), Value::Null);
    assert_eq!(client.mark(None).await.unwrap(), "!");
    assert_eq!(client.mark(Some("?")).await.unwrap(), "?");
}

#[tokio::test]
async fn number_that_has_no_json_is_refused() {
    let client = client();

    assert!((client.weight(None).await.unwrap() - 1.5).abs() < f64::EPSILON);
    let Err(ClientError::Rpc(refused)) = client.weight(Some(f64::NAN)).await else {
        panic!("the method ran with its default");
    };
    assert_eq!(
        refused.message,
        "param `weight`: invalid type: null, expected f64"
    );
}

#[tokio::test]
async fn by_position_only_what_is_absent_is_cut_off() {
    let placed = async |first, second, third| client().placed(first, second, third).await.unwrap();

    for (second, third, expected) in [
        (None, None, (Some(5), None)),
        (Some(None), None, (None, None)),
        (Some(Some(7)), None, (Some(7), None)),
        (Some(Some(7)), Some(8), (Some(7), Some(8))),
        // There is no gap in an array, so what stands there is read.
        (None, Some(8), (None, Some(8))),
    ] {
        for first in [json!(1), Value::Null] {
            let (sent, expected) = (first.clone(), (first, expected.0, expected.1));
            assert_eq!(placed(sent, second, third).await, expected);
        }
    }
}
