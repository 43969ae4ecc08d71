//! Clients over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dig_service::Service;
use dig_service::client::{
    ClientError, HttpTransport, OutgoingCall, RpcTransport, TransportError, batched,
};
use dig_service::rpc_http::HttpOptions;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::node::{Block, Chain, ChainClient, ChainError};
use crate::running::Running;

/// A service and what calls it.
struct Served {
    running: Running,
    transport: HttpTransport,
}

impl Served {
    async fn start(options: impl FnOnce(HttpOptions) -> HttpOptions) -> Self {
        let options = options(HttpOptions::new("127.0.0.1:0"));
        let node = Chain::<()>::default();
        let service = Service::node_builder(node).rpc_http_with(options).build();
        let running = Running::start(service).await;
        let transport = HttpTransport::new(&running.url("http")).expect("an address");
        Self { running, transport }
    }

    fn client(&self) -> ChainClient<&HttpTransport> {
        ChainClient::new(&self.transport)
    }

    async fn stop(self) {
        self.running.stop().await;
    }
}

fn transport(address: SocketAddr) -> HttpTransport {
    HttpTransport::new(&format!("http://{address}")).expect("an address")
}

/// So that a call which nobody waits for does not hold up the end of the test.
fn short_calls(options: HttpOptions) -> HttpOptions {
    options.call_timeout(Duration::from_millis(500))
}

/// A server that says what it is told to, whoever calls: one response per connection.
async fn scripted(responses: Vec<String>) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let heard = tokio::spawn(async move {
        let mut heard = Vec::new();
        for response in responses {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut buffer = vec![0; 64 * 1024];
            let mut length = 0;
            // Head and body come in one piece, as the client writes them so.
            while !String::from_utf8_lossy(&buffer[..length]).contains('}') {
                match stream.read(&mut buffer[length..]).await {
                    Ok(more) if more > 0 => length += more,
                    _ => break,
                }
            }
            heard.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
            let _ = stream.write_all(response.as_bytes()).await;
        }
        heard
    });
    (address, heard)
}

#[tokio::test]
async fn results_and_errors_come_over_the_network() {
    let served = Served::start(|options| options).await;
    let client = served.client();

    assert_eq!(
        client.get_block(3).await.unwrap(),
        Some(Block { height: 3 })
    );
    assert_eq!(
        client.greet("Ada", Some("Good \"day\"\n")).await.unwrap(),
        "Good \"day\"\n Ada"
    );
    assert_eq!(
        client.place(1, None, Some(3)).await.unwrap(),
        [Some(1), None, Some(3)]
    );
    assert!(matches!(
        client.get_block(12).await,
        Err(ClientError::Method(ChainError::Behind { by: 3 }))
    ));
    client.note(5).await.unwrap();
    assert_eq!(client.notes().await.unwrap(), 5);
    served.stop().await;
}

#[tokio::test]
async fn batch_is_one_message() {
    // Two calls at once are all that it takes: more than one message would be refused.
    let served = Served::start(|options| options.batch_limit(3)).await;

    let (first, second, third) = batched(&served.transport, async |wire| {
        let client = ChainClient::new(wire);
        tokio::join!(client.get_block(3), client.note(1), client.get_block(99))
    })
    .await;
    assert_eq!(first.unwrap(), Some(Block { height: 3 }));
    second.unwrap();
    assert!(matches!(
        third,
        Err(ClientError::Method(ChainError::NoBlock))
    ));

    let four = batched(&served.transport, async |wire| {
        let client = ChainClient::new(wire);
        tokio::join!(
            client.motto(),
            client.motto(),
            client.motto(),
            client.motto()
        )
    })
    .await;
    // None of them was run, and each is told why.
    for refused in [four.0, four.3] {
        let Err(ClientError::Rpc(error)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(error.code.code(), -32600);
        let why = error.data.unwrap();
        assert_eq!(why, "a batch may hold 3 calls at most");
    }
    served.stop().await;
}

#[tokio::test]
async fn calls_side_by_side_and_one_after_the_other_share_connections() {
    let served = Served::start(|options| options.max_connections(4)).await;
    let client = served.client();

    for _ in 0..50 {
        let (first, second, third) =
            tokio::join!(client.sleep(1), client.sleep(1), client.get_block(1));
        first.unwrap();
        second.unwrap();
        third.unwrap();
    }
    served.stop().await;
}

#[tokio::test]
async fn kept_connection_that_the_server_closed_is_replaced() {
    let patience = Duration::from_millis(50);
    let served = Served::start(|options| options.header_timeout(patience)).await;
    let client = served.client();

    for _ in 0..3 {
        assert_eq!(client.motto().await.unwrap(), "steady");
        // What is waited for is the server's clock, which is not this test's.
        tokio::time::sleep(patience * 3).await;
    }
    served.stop().await;
}

#[tokio::test]
async fn call_that_takes_too_long_is_given_up() {
    let served = Served::start(short_calls).await;
    let limit = Duration::from_millis(50);
    let transport = served.transport.clone().with_timeout(limit);

    let late = ChainClient::new(&transport).sleep(60_000).await;
    let Err(ClientError::Transport(TransportError::TimedOut(after))) = late else {
        panic!("{late:?}");
    };
    assert_eq!(after, limit);
    // Its connection went with it, and the next call has another.
    assert_eq!(served.client().motto().await.unwrap(), "steady");
    served.stop().await;
}

#[tokio::test]
async fn server_that_is_not_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);

    let refused = ChainClient::new(transport(address)).motto().await;
    assert!(
        matches!(
            refused,
            Err(ClientError::Transport(TransportError::Unreachable(_)))
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn answers_that_are_none_are_named() {
    let response = |status: &str, body: &str| {
        let length = body.len();
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
    };
    let other = r#"{"jsonrpc":"2.0","id":77,"result":1}"#;
    let refused = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid"}}"#;
    let whole = response("200 OK", other);
    let (address, heard) = scripted(vec![
        response("502 Bad Gateway", "oops"),
        response("200 OK", ""),
        whole.clone(),
        whole[..whole.len() - 3].to_owned(),
        response("400 Bad Request", refused),
    ])
    .await;
    let transport = transport(address).with_header("x-token", "4f1a").unwrap();
    let call = async || transport.call("get", json!([1])).await;

    assert!(matches!(call().await, Err(TransportError::Status(502))));
    assert!(matches!(call().await, Err(TransportError::Malformed(_))));
    let Err(TransportError::Malformed(what)) = call().await else {
        panic!("an answer to another call was taken");
    };
    assert_eq!(what, "the id 77 in place of 2");
    assert!(matches!(call().await, Err(TransportError::Lost(_))));
    let refused = call().await;
    assert!(
        matches!(&refused, Ok(Err(error)) if error.code.code() == -32600),
        "{refused:?}"
    );

    let heard = heard.await.unwrap();
    assert!(heard[0].starts_with("POST / HTTP/1.1\r\n"), "{}", heard[0]);
    assert!(heard[0].contains("x-token: 4f1a\r\n"), "{}", heard[0]);
    assert!(
        heard[0].ends_with(r#"{"jsonrpc":"2.0","id":0,"method":"get","params":[1]}"#),
        "{}",
        heard[0]
    );
}

#[tokio::test]
async fn json_of_others_under_a_failure_is_the_status() {
    let answer = r#"{"jsonrpc":"2.0","id":ID,"error":{"code":4001,"message":"no"}}"#;
    let cases = [
        ("401 Unauthorized", r#"{"error":"unauthorized"}"#),
        ("503 Service Unavailable", r#"[{"error":"down"}]"#),
        ("500 Internal Server Error", "[]"),
        (
            "500 Internal Server Error",
            &format!("[{answer}]").replace("ID", "2"),
        ),
        ("403 Forbidden", &answer.replace("ID", "3")),
        ("200 OK", r#"{"error":"unauthorized"}"#),
    ];
    let response = |(status, body): &(&str, &str)| {
        let length = body.len();
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
    };
    let (address, _) = scripted(cases.iter().map(response).collect()).await;
    let transport = transport(address);
    let calls = || {
        vec![OutgoingCall {
            method: "get".to_owned(),
            params: Value::Null,
            is_notification: false,
        }]
    };
    let status = |error| match error {
        TransportError::Status(status) => status,
        other => panic!("{other:?}"),
    };

    let call = async || transport.call("get", Value::Null).await;
    assert_eq!(status(call().await.unwrap_err()), 401);
    assert_eq!(status(transport.batch(calls()).await.unwrap_err()), 503);
    let noted = transport.notify("note", Value::Null).await;
    assert_eq!(status(noted.unwrap_err()), 500);
    // What is JSON-RPC is the answer, whatever the status.
    let batch = transport.batch(calls()).await;
    assert!(matches!(&*batch.unwrap(), [Err(error)] if error.message == "no"));
    assert!(matches!(call().await, Ok(Err(error)) if error.message == "no"));
    assert!(matches!(call().await, Err(TransportError::Malformed(_))));
}

#[tokio::test]
async fn answer_has_a_limit() {
    let served = Served::start(|options| options).await;
    let exact = r#"{"jsonrpc":"2.0","id":0,"result":"steady"}"#.len();

    let at = served.transport.clone().with_answer_limit(exact);
    assert_eq!(ChainClient::new(at).motto().await.unwrap(), "steady");
    // A fresh one, so that the id has as many digits.
    let beyond = HttpTransport::new(&served.running.url("http"))
        .unwrap()
        .with_answer_limit(exact - 1);
    let refused = ChainClient::new(beyond).motto().await;
    let Err(ClientError::Transport(TransportError::Malformed(what))) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(what, format!("more than {} bytes", exact - 1));
    served.stop().await;
}

#[tokio::test]
async fn dropped_client_leaves_nothing_behind() {
    let served = Served::start(short_calls).await;
    let transport = Arc::new(served.transport.clone());

    let call = tokio::spawn({
        let transport = Arc::clone(&transport);
        async move {
            transport
                .call("chain.sleep", json!([60_000]))
                .await
                .map(drop)
        }
    });
    tokio::task::yield_now().await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    // Nothing of it is kept that a later call could get.
    let motto = transport.call("chain.motto", Value::Null).await.unwrap();
    assert_eq!(motto, Ok(json!("steady")));
    served.stop().await;
}
