//! The answers that HTTP itself gives: the one place where they get status and code.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use dig_rpc_types::envelope::{JsonRpcError, RequestId};
use dig_rpc_types::errors::ErrorCode;

use crate::rpc::wire::{Refusal, Reply, answer_one};

/// Why a request did not get as far as JSON-RPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    NoHost,
    ForeignHost,
    ForeignOrigin,
    MediaType,
    Encoded,
    BodyTooLarge {
        limit: usize,
    },
    BodyTooSlow,
    /// The body broke off; there is nobody left to read the answer.
    BodyBroken,
    TooManyConnections,
    /// Not a handshake that can be answered by a WebSocket.
    #[cfg(feature = "ws")]
    Upgrade(&'static str),
    #[cfg(feature = "ws")]
    UpgradeVersion,
}

impl Refused {
    const fn status(self) -> StatusCode {
        match self {
            Self::NoHost | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::ForeignHost | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::MediaType | Self::Encoded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooManyConnections => StatusCode::SERVICE_UNAVAILABLE,
            #[cfg(feature = "ws")]
            Self::Upgrade(_) => StatusCode::BAD_REQUEST,
            #[cfg(feature = "ws")]
            Self::UpgradeVersion => StatusCode::UPGRADE_REQUIRED,
        }
    }

    fn error(self) -> JsonRpcError {
        let invalid = |what: &str| JsonRpcError::from(ErrorCode::InvalidRequest).with_data(what);
        let denied = |what: &str| JsonRpcError::from(ErrorCode::PermissionDenied).with_data(what);
        match self {
            Self::NoHost => invalid("the request needs one `Host` header"),
            Self::ForeignHost => denied("`Host` is not served here; see `HttpOptions::allow_host`"),
            Self::ForeignOrigin => {
                denied("`Origin` may not call here; see `HttpOptions::allow_origin`")
            }
            Self::MediaType => invalid("the content type must be `application/json`"),
            Self::Encoded => invalid("the body must not be encoded"),
            Self::BodyTooLarge { limit } => {
                invalid(&format!("the body may have {limit} bytes at most"))
            }
            Self::BodyTooSlow => invalid("the body did not arrive in time"),
            Self::BodyBroken => invalid("the body broke off"),
            Self::TooManyConnections => {
                JsonRpcError::new(ErrorCode::RateLimited, "too many connections")
            }
            #[cfg(feature = "ws")]
            Self::Upgrade(what) => invalid(what),
            #[cfg(feature = "ws")]
            Self::UpgradeVersion => invalid("`Sec-WebSocket-Version` must be 13"),
        }
    }
}

impl From<Refused> for Response {
    fn from(refused: Refused) -> Self {
        let body = answer_one(&RequestId::Null, &Err(refused.error()));
        let mut response = json(refused.status(), body);
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
        #[cfg(feature = "ws")]
        if refused == Refused::UpgradeVersion {
            let headers = response.headers_mut();
            headers.insert(
                header::SEC_WEBSOCKET_VERSION,
                HeaderValue::from_static("13"),
            );
        }
        response
    }
}

/// Makes the response to a request that the application refused.
pub(super) fn denied(error: &JsonRpcError) -> Response {
    let status = match error.code {
        ErrorCode::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::FORBIDDEN,
    };
    let body = answer_one(&RequestId::Null, &Err(error.clone()));
    let mut response = json(status, body);
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// Makes the response to a message that got as far as JSON-RPC.
pub(super) fn respond(reply: Reply) -> Response {
    let status = match (reply.refusal, &reply.body) {
        (Some(refusal), _) => refused(refusal),
        (None, Some(_)) => StatusCode::OK,
        (None, None) => StatusCode::NO_CONTENT,
    };
    match reply.body {
        Some(body) => json(status, body),
        None => empty(status),
    }
}

/// Returns the status of a message of which nothing was let in.
pub(super) const fn refused(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::Busy => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Starting | Refusal::Stopping => StatusCode::SERVICE_UNAVAILABLE,
    }
}

pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
