//! The errors that the server itself answers with: the one place where they get their codes.

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;

/// Why a message, or a call in it, has no answer from a method.
#[derive(Debug)]
pub(crate) enum Fault {
    NotUtf8,
    NotJson(serde_json::Error),
    EmptyBatch,
    LongBatch {
        limit: usize,
    },
    NotACall(&'static str),
    /// A name that begins with `rpc.`, which JSON-RPC keeps for itself.
    Reserved,
    /// A method of a tier that the transport does not take.
    Tier(&'static str),
    Panicked,
    TimedOut,
    Refused(Refusal),
}

/// Why calls are not run at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The service is not running yet.
    Starting,
    /// The service was told to stop.
    Stopping,
    /// As many calls as are allowed are running.
    Busy,
}

impl From<Fault> for JsonRpcError {
    fn from(fault: Fault) -> Self {
        let standard = |code: ErrorCode| Self::from(code);
        match fault {
            Fault::NotUtf8 => standard(ErrorCode::ParseError).with_data("the text is not UTF-8"),
            Fault::NotJson(error) => standard(ErrorCode::ParseError).with_data(error.to_string()),
            Fault::EmptyBatch => {
                standard(ErrorCode::InvalidRequest).with_data("a batch must hold a call")
            }
            Fault::LongBatch { limit } => standard(ErrorCode::InvalidRequest)
                .with_data(format!("a batch may hold {limit} calls at most")),
            Fault::NotACall(what) => standard(ErrorCode::InvalidRequest).with_data(what),
            Fault::Reserved => standard(ErrorCode::MethodNotFound),
            Fault::Tier(tier) => {
                let what = format!("methods of tier `{tier}` are not taken here");
                Self::new(ErrorCode::PermissionDenied, what)
            }
            Fault::Panicked => Self::new(ErrorCode::InternalError, "internal error"),
            Fault::TimedOut => {
                Self::new(ErrorCode::InternalError, "the call took too long").with_data("timeout")
            }
            Fault::Refused(refusal) => Self::from(refusal),
        }
    }
}

impl From<Refusal> for JsonRpcError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Starting => Self::new(ErrorCode::NotSynced, "the service is still starting"),
            Refusal::Stopping => Self::new(ErrorCode::ShutdownPending, "the service is stopping"),
            Refusal::Busy => Self::new(ErrorCode::RateLimited, "too many calls at once"),
        }
    }
}
