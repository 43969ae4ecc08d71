//! A client that knows lines and JSON, and nothing of the types.

use std::path::Path;
use std::time::Duration;

use dig_service::dashboard::{ControlCommandKind, ControlCommandRequest};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

/// Longer than any answer takes, and shorter than a test may hang.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Wire {
    lines: Lines<BufReader<OwnedReadHalf>>,
    pub(crate) write: OwnedWriteHalf,
    count: u32,
}

impl Wire {
    pub(crate) async fn connect(path: &Path) -> Self {
        match UnixStream::connect(path).await {
            Ok(stream) => {
                let (read, write) = stream.into_split();
                Self {
                    lines: BufReader::new(read).lines(),
                    write,
                    count: 0,
                }
            }
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }

    /// Sends bytes as they are.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        if let Err(error) = self.write.write_all(bytes.as_ref()).await {
            panic!("not sent: {error}");
        }
    }

    /// The next line; `None` once the other end has closed.
    pub(crate) async fn line(&mut self) -> Option<Value> {
        let line = match timeout(PATIENCE, self.lines.next_line()).await {
            Ok(Ok(line)) => line?,
            // A reset is an end as well.
            Ok(Err(_)) => return None,
            Err(_) => panic!("no line in time"),
        };
        match serde_json::from_str(&line) {
            Ok(value) => Some(value),
            Err(error) => panic!("{error}: {line}"),
        }
    }

    pub(crate) async fn next(&mut self) -> Value {
        match self.line().await {
            Some(line) => line,
            None => panic!("the connection is closed"),
        }
    }

    /// Sends a line, and gives the next.
    pub(crate) async fn ask(&mut self, line: impl AsRef<str>) -> Value {
        self.send(format!("{}\n", line.as_ref())).await;
        self.next().await
    }

    /// Calls a method, and gives the response.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> Value {
        self.count += 1;
        let id = format!("r-{}", self.count);
        let request = json!({ "request_id": id, "method": method, "params": params });
        let response = self.ask(request.to_string()).await;
        assert_eq!(response["request_id"], id.as_str(), "{response}");
        response
    }

    /// The result of a method that must succeed.
    pub(crate) async fn result(&mut self, method: &str, params: Value) -> Value {
        let mut response = self.call(method, params).await;
        assert_eq!(response["ok"], true, "{response}");
        response["result"].take()
    }

    /// The error of a method that must fail.
    pub(crate) async fn error(&mut self, method: &str, params: Value) -> Value {
        let mut response = self.call(method, params).await;
        assert_eq!(response["ok"], false, "{response}");
        assert!(response.get("result").is_none());
        response["error"].take()
    }

    pub(crate) async fn state(&mut self) -> Value {
        self.result("state", json!({})).await["state"].take()
    }

    /// Gives a command, and returns its result.
    pub(crate) async fn command(&mut self, command: &ControlCommandRequest) -> Value {
        let (method, params) = request(command);
        self.result(&method, params).await["result"].take()
    }
}

/// The method and the params of a command.
pub(crate) fn request(command: &ControlCommandRequest) -> (String, Value) {
    let method = format!("command.{}", command.command);
    match serde_json::to_value(command) {
        Ok(params) => (method, params),
        Err(error) => panic!("{error}"),
    }
}

/// A command by alice, confirmed.
pub(crate) fn command(kind: ControlCommandKind) -> ControlCommandRequest {
    ControlCommandRequest::new("node-1", kind, ("alice", "a test")).confirmed()
}

/// `code @ stage`.
pub(crate) fn shown(error: &Value) -> String {
    let text = |key: &str| error[key].as_str().unwrap_or("?").to_owned();
    format!("{} @ {}", text("code"), text("stage"))
}
