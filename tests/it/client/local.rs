//! Clients of a node in the same process, and what holds for all transports.

use std::sync::Arc;
use std::time::Duration;

use dig_service::client::{
    Answer, ClientError, Local, OutgoingCall, RpcTransport, TransportError, batched,
};
use dig_service::testing::TestNode;
use dig_service::{RpcApi, RpcContext, Transport};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::node::{Block, Chain, ChainClient, ChainError, Filter};

fn client() -> ChainClient<Local<Chain<()>>> {
    ChainClient::new(Local::new(Arc::new(Chain::default())))
}

/// Answers every call with what was sent.
#[derive(Default)]
struct Echo(std::sync::Mutex<Vec<usize>>);

impl RpcTransport for Echo {
    async fn call(&self, method: &str, params: Value) -> Result<Answer, TransportError> {
        self.0.lock().unwrap().push(1);
        tokio::task::yield_now().await;
        Ok(Ok(json!(format!("{method} {params}"))))
    }

    async fn notify(&self, _: &str, _: Value) -> Result<(), TransportError> {
        Ok(())
    }

    async fn batch(&self, calls: Vec<OutgoingCall>) -> Result<Vec<Answer>, TransportError> {
        self.0.lock().unwrap().push(calls.len());
        tokio::task::yield_now().await;
        let asked = calls.into_iter().filter(|call| !call.is_notification);
        Ok(asked
            .map(|call| Ok(json!(format!("{} {}", call.method, call.params))))
            .collect())
    }
}

#[tokio::test]
async fn results_are_what_the_methods_return() {
    let client = client();

    assert_eq!(
        client.get_block(3).await.unwrap(),
        Some(Block { height: 3 })
    );
    assert_eq!(client.get_block(21).await.unwrap(), None);
    assert_eq!(client.greet("Ada", None).await.unwrap(), "Hello Ada");
    assert_eq!(
        client.greet("Ada", Some("Good day")).await.unwrap(),
        "Good day Ada"
    );
    assert_eq!(client.repeat("ab".into(), None).await.unwrap(), "abab");
    assert_eq!(client.repeat("ab".into(), Some(3)).await.unwrap(), "ababab");
    assert_eq!(
        client.count(Filter { from: 3, to: None }).await.unwrap(),
        97
    );
    assert_eq!(
        client
            .count(Filter {
                from: 3,
                to: Some(5)
            })
            .await
            .unwrap(),
        2
    );
    assert_eq!(client.motto().await.unwrap(), "steady");
    assert_eq!(client.search().await.unwrap().hits, 3);
    for (second, third) in [
        (None, None),
        (None, Some(3)),
        (Some(2), None),
        (Some(2), Some(3)),
    ] {
        let expected = vec![Some(1), second, third];
        assert_eq!(client.place(1, second, third).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn errors_are_those_of_the_method() {
    let client = client();

    assert!(matches!(
        client.get_block(12).await,
        Err(ClientError::Method(ChainError::Behind { by: 3 }))
    ));
    assert!(matches!(
        client.get_block(99).await,
        Err(ClientError::Method(ChainError::NoBlock))
    ));
    // Its field is not sent, so nobody can make the variant again.
    let Err(ClientError::Rpc(error)) = client.get_block(20).await else {
        panic!("another error");
    };
    assert_eq!((error.code.code(), &*error.message), (4002, "Untold(1)"));
    let Err(ClientError::Method(error)) = client.panic().await else {
        panic!("another error");
    };
    assert_eq!(
        (error.code.code(), &*error.message),
        (-32603, "internal error")
    );
    let Err(ClientError::Rpc(error)) = client.secret().await else {
        panic!("another error");
    };
    assert_eq!(error.message, "internal error");
}

#[tokio::test]
async fn errors_say_what_happened_and_keep_their_cause() {
    let error = client().get_block(12).await.unwrap_err();
    assert_eq!(error.to_string(), "Behind { by: 3 }");

    let error = client().secret().await.unwrap_err();
    assert_eq!(error.to_string(), "the call was answered with an error");
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.to_string(), "internal error (-32603)");
}

#[tokio::test]
async fn params_go_by_name_without_those_left_out() {
    let client = ChainClient::new(Echo::default());

    let said = |text: &str| Ok::<_, ()>(text.to_owned());
    let greeted = client.greet("Ada", None).await.map_err(drop);
    assert_eq!(greeted, said(r#"chain.greet {"fullName":"Ada"}"#));
    let repeated = client.repeat("a".into(), None).await.map_err(drop);
    assert_eq!(repeated, said(r#"chain.repeat {"what":"a"}"#));
    let motto = client.motto().await.map_err(drop);
    assert_eq!(motto, said("chain.motto null"));
    // A result of another type than the method's is told as such.
    assert!(matches!(client.notes().await, Err(ClientError::Result(_))));
}

#[tokio::test]
async fn notifications_run_and_are_not_answered() {
    let client = client();

    client.note(3).await.unwrap();
    client.note(4).await.unwrap();
    assert_eq!(client.notes().await.unwrap(), 7);
}

#[tokio::test]
async fn context_is_the_one_that_was_given() {
    struct Who;
    #[dig_service::node(rpc_only, client = WhoClient)]
    impl Who {
        #[rpc]
        fn transport(&self, cx: &RpcContext) -> String {
            format!("{} {}", cx.transport(), cx.service().is_some())
        }
    }
    let service = dig_service::Service::new(TestNode::default(), (), Who);
    let local = Local::new(Arc::clone(service.rpc_api()));

    assert_eq!(
        WhoClient::new(&local).transport().await.unwrap(),
        "local false"
    );
    let inside = local.with_context(RpcContext::local(service.handle()));
    assert_eq!(
        WhoClient::new(inside).transport().await.unwrap(),
        "local true"
    );
    assert_eq!(Transport::Local.label(), "local");
}

#[tokio::test(start_paused = true)]
async fn dropped_call_drops_the_method() {
    let client = client();

    let late = timeout(Duration::from_millis(10), client.sleep(1_000_000)).await;
    assert!(late.is_err());
}

#[tokio::test]
async fn calls_made_together_are_one_batch() {
    let echo = Echo::default();

    let (first, second, third) = batched(&echo, async |wire| {
        let client = ChainClient::new(wire);
        let (first, second) = tokio::join!(client.motto(), client.greet("Ada", None));
        // Asked for later, and alone: no batch.
        (first, second, client.motto().await)
    })
    .await;

    assert_eq!(first.unwrap(), "chain.motto null");
    assert_eq!(second.unwrap(), r#"chain.greet {"fullName":"Ada"}"#);
    assert_eq!(third.unwrap(), "chain.motto null");
    assert_eq!(*echo.0.lock().unwrap(), [2, 1]);
}

#[tokio::test(start_paused = true)]
async fn batch_runs_side_by_side_and_keeps_the_order() {
    let local = Local::new(Arc::new(Chain::<()>::default()));
    let begun = Instant::now();

    let (slow, found, noted, lost) = batched(&local, async |wire| {
        let client = ChainClient::new(wire);
        tokio::join!(
            client.sleep(300),
            client.get_block(3),
            client.note(2),
            client.get_block(99)
        )
    })
    .await;

    slow.unwrap();
    noted.unwrap();
    assert_eq!(found.unwrap(), Some(Block { height: 3 }));
    assert!(matches!(
        lost,
        Err(ClientError::Method(ChainError::NoBlock))
    ));
    assert_eq!(begun.elapsed(), Duration::from_millis(300));
}

#[tokio::test]
async fn failed_batch_fails_every_call_of_it() {
    struct Down;
    impl RpcTransport for Down {
        async fn call(&self, _: &str, _: Value) -> Result<Answer, TransportError> {
            Err(TransportError::Closed)
        }
        async fn notify(&self, _: &str, _: Value) -> Result<(), TransportError> {
            Err(TransportError::Closed)
        }
        async fn batch(&self, calls: Vec<OutgoingCall>) -> Result<Vec<Answer>, TransportError> {
            // Too few answers are an error for those that have none.
            match calls.len() {
                2 => Err(TransportError::Closed),
                _ => Ok(vec![Ok(json!("steady"))]),
            }
        }
    }

    let (first, second) = batched(&Down, async |wire| {
        let client = ChainClient::new(wire);
        tokio::join!(client.motto(), client.note(1))
    })
    .await;
    assert!(matches!(
        first,
        Err(ClientError::Transport(TransportError::Closed))
    ));
    assert!(matches!(
        second,
        Err(ClientError::Transport(TransportError::Closed))
    ));

    let (first, second, third) = batched(&Down, async |wire| {
        let client = ChainClient::new(wire);
        tokio::join!(client.motto(), client.motto(), client.motto())
    })
    .await;
    assert_eq!(first.unwrap(), "steady");
    for missing in [second, third] {
        assert!(matches!(
            missing,
            Err(ClientError::Transport(TransportError::Malformed(_)))
        ));
    }
}

#[tokio::test]
async fn call_that_was_given_up_is_left_out_of_the_batch() {
    let echo = Echo::default();

    batched(&echo, async |wire| {
        let client = ChainClient::new(wire);
        {
            // Asked for, and given up before anything was sent.
            let mut given_up = std::pin::pin!(client.motto());
            let polled = std::future::poll_fn(|cx| {
                std::task::Poll::Ready(given_up.as_mut().poll(cx).is_pending())
            });
            assert!(polled.await);
        }
        client.motto().await.unwrap();
    })
    .await;
    assert_eq!(*echo.0.lock().unwrap(), [1]);
}

#[test]
fn names_and_docs_are_those_of_the_node() {
    assert_eq!(Chain::<()>::methods()[0].name(), "chain.getBlock");
    fn assert_sendable<T: Send + Sync + Clone + std::fmt::Debug>(_: &T) {}
    assert_sendable(&ChainClient::new(Local::new(Arc::new(())).clone()));
}
