//! Numbers that JSON, as it is read here, cannot hold.

use std::sync::Arc;

use dig_service::RpcApi;
use dig_service::client::{ClientError, Local};
use serde_json::{Value, json};

struct Numbers;

#[dig_service::node(rpc_only, client = NumbersClient)]
impl Numbers {
    #[rpc]
    fn large(&self, number: u128) -> u128 {
        number
    }

    #[rpc]
    fn low(&self, number: i128) -> i128 {
        number
    }

    #[rpc]
    fn larger(&self, number: u64) -> u128 {
        u128::from(number) + 1
    }

    #[rpc]
    fn root(&self, number: f64) -> f64 {
        number.sqrt()
    }
}

#[tokio::test]
async fn integers_of_128_bits_end_at_64() {
    let client = NumbersClient::new(Local::new(Arc::new(Numbers)));
    let most = u128::from(u64::MAX);
    let least = i128::from(i64::MIN);

    assert_eq!(client.large(most).await.unwrap(), most);
    assert_eq!(client.low(least).await.unwrap(), least);
    let refused = client.large(most + 1).await;
    assert!(
        matches!(refused, Err(ClientError::Params(_))),
        "{refused:?}"
    );
    let refused = client.low(least - 1).await;
    assert!(
        matches!(refused, Err(ClientError::Params(_))),
        "{refused:?}"
    );
    let failed = client.larger(u64::MAX).await;
    assert!(
        matches!(&failed, Err(ClientError::Rpc(error)) if error.code.code() == -32603),
        "{failed:?}"
    );
    // As text, it is read as a float.
    let params: Value = serde_json::from_str(&format!("[{}]", most + 1)).unwrap();
    let refused = Numbers.dispatch("large", params).await.unwrap_err();
    assert_eq!(refused.code.code(), -32602);
}

#[tokio::test]
async fn floats_that_are_no_numbers_are_written_as_null() {
    assert_eq!(Numbers.dispatch("root", json!([-1])).await, Ok(Value::Null));
    let client = NumbersClient::new(Local::new(Arc::new(Numbers)));
    for number in [f64::NAN, f64::INFINITY] {
        let Err(ClientError::Rpc(refused)) = client.root(number).await else {
            panic!("{number} was sent");
        };
        assert!(refused.message.contains("null"), "{}", refused.message);
    }
}
