//! The envelope: requests and responses.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::label::words;
use super::{
    ControlCommandKind, ControlCommandResult, DashboardError, DashboardErrorCode, DashboardStage,
    DashboardState, EventRecord, LogRecord, TargetProcessRegistration, TaskCounters, TaskRow,
};

/// What stands for a request's id that could not be read.
const NO_ID: &str = "invalid-request";

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IpcMethod {
    /// Who is there.
    Hello,
    /// How everything stands.
    State,
    /// Events, as they come.
    EventsSubscribe,
    /// Lines of the log, as they come.
    LogsTail,
    /// The live tasks.
    Tasks,
    /// Why the service is stopping, and what it waits for.
    Why,
    /// Something is to be done.
    Command(ControlCommandKind),
}

impl IpcMethod {
    /// Returns the name on the wire.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::State => "state",
            Self::EventsSubscribe => "events.subscribe",
            Self::LogsTail => "logs.tail",
            Self::Tasks => "tasks",
            Self::Why => "why",
            Self::Command(ControlCommandKind::RestartChild) => "command.restart_child",
            Self::Command(ControlCommandKind::PauseChild) => "command.pause_child",
            Self::Command(ControlCommandKind::ResumeChild) => "command.resume_child",
            Self::Command(ControlCommandKind::QuarantineChild) => "command.quarantine_child",
            Self::Command(ControlCommandKind::RemoveChild) => "command.remove_child",
            Self::Command(ControlCommandKind::AddChild) => "command.add_child",
            Self::Command(ControlCommandKind::ShutdownTree) => "command.shutdown_tree",
            Self::Command(ControlCommandKind::Reload) => "command.reload",
            Self::Command(ControlCommandKind::RequestShutdown) => "command.request_shutdown",
        }
    }

    /// Finds the method of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let plain = [
            Self::Hello,
            Self::State,
            Self::EventsSubscribe,
            Self::LogsTail,
            Self::Tasks,
            Self::Why,
        ];
        let commands = ControlCommandKind::ALL.map(Self::Command);
        let mut all = plain.into_iter().chain(commands);
        all.find(|method| method.label() == name)
    }
}

impl Serialize for IpcMethod {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.label())
    }
}

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct IpcRequest {
    /// The caller's id, which the response repeats.
    pub request_id: String,
    /// What is asked.
    pub method: IpcMethod,
    /// With what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<Value>,
}

/// A line that cannot be understood, as the response to it.
type Refused = Box<IpcResponse>;

impl IpcRequest {
    /// Makes a request.
    #[must_use]
    pub fn new(request_id: impl Into<String>, method: IpcMethod, params: Option<Value>) -> Self {
        Self {
            request_id: request_id.into(),
            method,
            params,
        }
    }

    /// Reads a line.
    ///
    /// # Errors
    ///
    /// The response that says what is wrong: `invalid_json` or `unsupported_method`. It repeats the
    /// caller's id if that can be read.
    pub fn parse(line: &[u8]) -> Result<Self, Refused> {
        let invalid = |id: &str, message: String| {
            let code = DashboardErrorCode::InvalidJson;
            refused(id, code, message)
        };
        let object: Map<String, Value> = match serde_json::from_slice(line) {
            Ok(Value::Object(object)) => object,
            Ok(_) => return Err(invalid(NO_ID, "a request is a JSON object".to_owned())),
            Err(error) => return Err(invalid(NO_ID, format!("the line is no JSON: {error}"))),
        };
        let id = match object.get("request_id") {
            Some(Value::String(id)) => id.clone(),
            _ => {
                let what = "`request_id` is required, and a string".to_owned();
                return Err(invalid(NO_ID, what));
            }
        };
        let Some(Value::String(name)) = object.get("method") else {
            return Err(invalid(
                &id,
                "`method` is required, and a string".to_owned(),
            ));
        };
        let Some(method) = IpcMethod::of(name) else {
            let code = DashboardErrorCode::UnsupportedMethod;
            return Err(refused(&id, code, format!("there is no method `{name}`")));
        };
        let mut object = object;
        let params = object.remove("params").filter(|params| !params.is_null());
        Ok(Self {
            request_id: id,
            method,
            params,
        })
    }

    /// The id of a line that is not looked at any closer, as far as it can be read.
    pub(crate) fn id_of(line: &[u8]) -> String {
        #[derive(Deserialize)]
        struct Id {
            request_id: String,
        }
        match serde_json::from_slice::<Id>(line) {
            Ok(Id { request_id }) => request_id,
            Err(_) => NO_ID.to_owned(),
        }
    }

    /// The params as a type of ours.
    pub(crate) fn params<T: for<'de> Deserialize<'de>>(&self) -> Result<T, DashboardError> {
        let params = self
            .params
            .clone()
            .unwrap_or_else(|| Value::Object(Map::new()));
        serde_json::from_value(params).map_err(|error| {
            let (code, stage) = (
                DashboardErrorCode::InvalidCommandParams,
                DashboardStage::ProtocolParse,
            );
            DashboardError::new(
                code,
                stage,
                format!("params of `{}`: {error}", self.method.label()),
            )
        })
    }
}

fn refused(id: &str, code: DashboardErrorCode, message: String) -> Refused {
    let error = DashboardError::new(code, DashboardStage::ProtocolParse, message);
    Box::new(IpcResponse::failure(id, error))
}

/// A response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IpcResponse {
    /// The id of the request.
    pub request_id: String,
    /// Whether there is a result.
    pub ok: bool,
    /// The result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<IpcResult>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<DashboardError>,
}

impl IpcResponse {
    /// Answers with a result.
    #[must_use]
    pub fn success(request_id: impl Into<String>, result: IpcResult) -> Self {
        Self {
            request_id: request_id.into(),
            ok: true,
            result: Some(result),
            error: None,
        }
    }

    /// Answers with an error.
    #[must_use]
    pub fn failure(request_id: impl Into<String>, error: DashboardError) -> Self {
        Self {
            request_id: request_id.into(),
            ok: false,
            result: None,
            error: Some(error),
        }
    }

    /// Answers a line whose id could not be read.
    pub(crate) fn unreadable(error: DashboardError) -> Self {
        Self::failure(NO_ID, error)
    }
}

words! {
    /// What can be subscribed to.
    SubscriptionKind {
        /// Events.
        Events = "events",
        /// Lines of the log.
        Logs = "logs",
    }
}

/// What a response or a pushed line holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum IpcResult {
    /// Who is there.
    Hello {
        /// The protocol.
        protocol_version: String,
        /// What the process says of itself.
        registration: TargetProcessRegistration,
    },
    /// How everything stands.
    State {
        /// The process.
        target_id: String,
        /// Its state.
        state: Box<DashboardState>,
    },
    /// A subscription has begun.
    Subscription {
        /// The process.
        target_id: String,
        /// To what.
        subscription: SubscriptionKind,
    },
    /// Pushed: an event.
    Event {
        /// The process.
        target_id: String,
        /// The event.
        event: EventRecord,
    },
    /// Pushed: a line of the log.
    Log {
        /// The process.
        target_id: String,
        /// The line.
        log: LogRecord,
    },
    /// Pushed: the subscriber was too slow, and has lost something; the stream goes on.
    Lagged {
        /// The process.
        target_id: String,
        /// Of which subscription.
        subscription: SubscriptionKind,
        /// How much.
        dropped: u64,
    },
    /// What a command came to.
    CommandResult {
        /// The process.
        target_id: String,
        /// The result.
        result: Box<ControlCommandResult>,
    },
    /// The live tasks.
    Tasks {
        /// The process.
        target_id: String,
        /// The tasks, the oldest first.
        tasks: Vec<TaskRow>,
        /// All tasks, counted.
        counts: TaskCounters,
    },
    /// Why the service is stopping, and what it waits for.
    Why {
        /// The process.
        target_id: String,
        /// One line.
        why: String,
        /// Its phase.
        phase: String,
        /// Why it stops.
        reason: Option<String>,
        /// What it waits for.
        awaited: Option<String>,
        /// How long is left of the stop, in milliseconds, if that is limited.
        left_millis: Option<u64>,
    },
}
