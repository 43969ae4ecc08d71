//! The other end: asks and steers, from another process.

use std::io;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::dashboard::frame::{Frame, Frames};
use crate::dashboard::{
    ControlCommandRequest, ControlCommandResult, DashboardError, DashboardState, EventRecord,
    IpcMethod, IpcRequest, IpcResponse, IpcResult, LogRecord, TargetProcessRegistration,
    TaskCounters, TaskRow,
};

/// How long an answer may take: a little longer than a command may.
const PATIENCE: Duration = Duration::from_secs(35);
/// How long a line may be: the state of a hundred thousand children.
const MAX_LINE: usize = 256 * 1024 * 1024;

/// What can go wrong on this side.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The socket cannot be reached, or was closed.
    #[error("cannot talk to the process")]
    Io(#[from] io::Error),
    /// The process closed the connection.
    #[error("the process closed the connection")]
    Closed,
    /// The process does not answer in time.
    #[error("no answer within {0:?}")]
    Silent(Duration),
    /// The answer is not of this protocol.
    #[error("the answer is not of this protocol: {0}")]
    Unreadable(String),
    /// The process refuses.
    #[error(transparent)]
    Refused(#[from] DashboardError),
}

/// A connection to a process. Requests are answered in order; clones do not exist, as a connection
/// is one conversation.
///
/// # Examples
///
/// ```no_run
/// # let _ = async {
/// use dig_service::dashboard::{ControlCommandKind, ControlCommandRequest, DashboardClient};
///
/// let mut client = DashboardClient::connect("/run/node-1.sock").await?;
/// let target = client.hello().await?.target_id;
/// let kind = ControlCommandKind::RestartChild;
/// let command = ControlCommandRequest::new(target, kind, ("alice", "stale peers")).child("/feed");
/// let result = client.command(&command).await?;
/// assert!(result.accepted, "{:?}", result.error);
/// # Ok::<(), dig_service::dashboard::ClientError>(())
/// # };
/// ```
#[derive(Debug)]
pub struct DashboardClient {
    stream: UnixStream,
    frames: Frames,
    requests: u64,
}

impl DashboardClient {
    /// Connects to a socket.
    ///
    /// # Errors
    ///
    /// What the system says; a refused peer learns it with its first request.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn connect(path: impl AsRef<Path>) -> Result<Self, ClientError> {
        Ok(Self {
            stream: UnixStream::connect(path).await?,
            frames: Frames::new(MAX_LINE),
            requests: 0,
        })
    }

    /// Sends a request, and waits for its result, for 35 s at most.
    ///
    /// # Errors
    ///
    /// [`ClientError::Refused`] with the process's own error; else what went wrong on the way.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropped before it returns, the connection is out of step; connect again. A
    /// command may have been taken.
    pub async fn request(
        &mut self,
        method: IpcMethod,
        params: Option<Value>,
    ) -> Result<IpcResult, ClientError> {
        self.requests += 1;
        let id = format!("r-{}", self.requests);
        let request = IpcRequest::new(id, method, params);
        let mut line = serde_json::to_vec(&request).map_err(unreadable)?;
        line.push(b'\n');
        // Who refuses a connection answers before it is asked, and may have closed its end.
        let written = self.stream.write_all(&line).await;
        let answer = timeout(PATIENCE, self.line()).await;
        let line = match answer.map_err(|_| ClientError::Silent(PATIENCE))? {
            Ok(line) => line,
            Err(error) => return Err(written.map_or_else(ClientError::Io, |()| error)),
        };
        let response: IpcResponse = serde_json::from_slice(&line).map_err(unreadable)?;
        match (response.result, response.error) {
            (Some(result), _) if response.ok => Ok(result),
            (_, Some(error)) => Err(error.into()),
            _ => Err(ClientError::Unreadable(
                "neither result nor error".to_owned(),
            )),
        }
    }

    /// Asks who is there.
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request).
    ///
    /// # Cancel safety
    ///
    /// As [`request`](Self::request).
    pub async fn hello(&mut self) -> Result<TargetProcessRegistration, ClientError> {
        match self.request(IpcMethod::Hello, None).await? {
            IpcResult::Hello { registration, .. } => Ok(registration),
            other => Err(unexpected(&other)),
        }
    }

    /// Asks how everything stands.
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request).
    ///
    /// # Cancel safety
    ///
    /// As [`request`](Self::request).
    pub async fn state(&mut self) -> Result<DashboardState, ClientError> {
        match self.request(IpcMethod::State, None).await? {
            IpcResult::State { state, .. } => Ok(*state),
            other => Err(unexpected(&other)),
        }
    }

    /// Lists the live tasks, the oldest first.
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request).
    ///
    /// # Cancel safety
    ///
    /// As [`request`](Self::request).
    pub async fn tasks(&mut self) -> Result<(Vec<TaskRow>, TaskCounters), ClientError> {
        match self.request(IpcMethod::Tasks, None).await? {
            IpcResult::Tasks { tasks, counts, .. } => Ok((tasks, counts)),
            other => Err(unexpected(&other)),
        }
    }

    /// Gives a command. `Ok` confirms that it was answered; whether it was accepted is in the result.
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request); a command that is not in order is refused, one that the
    /// runtime refuses is a result with `accepted: false`.
    ///
    /// # Cancel safety
    ///
    /// As [`request`](Self::request). Given again with the same id, it is not carried out twice.
    pub async fn command(
        &mut self,
        command: &ControlCommandRequest,
    ) -> Result<ControlCommandResult, ClientError> {
        let params = serde_json::to_value(command).map_err(unreadable)?;
        let method = IpcMethod::Command(command.command);
        match self.request(method, Some(params)).await? {
            IpcResult::CommandResult { result, .. } => Ok(*result),
            other => Err(unexpected(&other)),
        }
    }

    /// Turns the connection into a stream of events: those after `sequence` that the journal
    /// remembers, then what comes. `None` begins now.
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; the connection is closed.
    pub async fn events(mut self, after: Option<u64>) -> Result<Subscription, ClientError> {
        let params = json!({ "session_established": true, "after_sequence": after });
        self.request(IpcMethod::EventsSubscribe, Some(params))
            .await?;
        Ok(Subscription { client: self })
    }

    /// Turns the connection into a stream of lines of the log.
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; the connection is closed.
    pub async fn logs(mut self) -> Result<Subscription, ClientError> {
        let params = json!({ "session_established": true });
        self.request(IpcMethod::LogsTail, Some(params)).await?;
        Ok(Subscription { client: self })
    }

    async fn line(&mut self) -> Result<Vec<u8>, ClientError> {
        let mut chunk = vec![0; 16 * 1024];
        loop {
            match self.frames.next() {
                Some(Frame::Line(line)) => return Ok(line),
                Some(Frame::TooLarge) => {
                    return Err(ClientError::Unreadable("a line is too long".to_owned()));
                }
                None => {}
            }
            match self.stream.read(&mut chunk).await? {
                0 => return Err(ClientError::Closed),
                count => self.frames.push(&chunk[..count]),
            }
        }
    }
}

/// A connection that things are pushed through.
#[derive(Debug)]
pub struct Subscription {
    client: DashboardClient,
}

/// What was pushed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Pushed {
    /// An event.
    Event(EventRecord),
    /// A line of the log.
    Log(LogRecord),
    /// So many were lost, as this end was too slow; the stream goes on.
    Lagged(u64),
}

impl Subscription {
    /// Waits for the next; `None` once the process has closed the connection.
    ///
    /// # Errors
    ///
    /// What goes wrong on the way.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Option<Pushed>, ClientError> {
        let line = match self.client.line().await {
            Ok(line) => line,
            Err(ClientError::Closed) => return Ok(None),
            Err(error) => return Err(error),
        };
        match serde_json::from_slice(&line).map_err(unreadable)? {
            IpcResult::Event { event, .. } => Ok(Some(Pushed::Event(event))),
            IpcResult::Log { log, .. } => Ok(Some(Pushed::Log(log))),
            IpcResult::Lagged { dropped, .. } => Ok(Some(Pushed::Lagged(dropped))),
            other => Err(unexpected(&other)),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unreadable(error: serde_json::Error) -> ClientError {
    ClientError::Unreadable(error.to_string())
}

fn unexpected(result: &IpcResult) -> ClientError {
    let kind = serde_json::to_value(result).ok();
    let kind = kind.and_then(|value| Some(value.get("type")?.to_string()));
    ClientError::Unreadable(format!("a result of type {}", kind.unwrap_or_default()))
}
