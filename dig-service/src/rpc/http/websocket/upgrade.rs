//! From a request to a WebSocket.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::rpc::RpcContext;
use crate::rpc::http::refusal::Refused;

/// A connection that is becoming a WebSocket.
pub(crate) struct Upgrade {
    pub(super) turned: OnUpgrade,
    pub(super) cx: RpcContext,
}

/// Whether a request asks for a WebSocket.
pub(crate) fn is_upgrade(parts: &Parts) -> bool {
    parts.method == Method::GET && has_token(&parts.headers, &header::UPGRADE, "websocket")
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter();
    let mut tokens = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    tokens.any(|given| given.trim().eq_ignore_ascii_case(token))
}

/// Whether this has the form of 16 bytes in base64.
fn is_key(key: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    key.len() == 24 && key.ends_with(b"==") && key[..22].iter().all(is_digit)
}

/// Checks the handshake, and makes the response that ends HTTP on this connection.
pub(crate) fn switch(parts: &mut Parts, cx: RpcContext) -> Result<(Response, Upgrade), Refused> {
    let headers = &parts.headers;
    if !has_token(headers, &header::CONNECTION, "upgrade") {
        return Err(Refused::Upgrade("`Connection` must be `Upgrade`"));
    }
    let version = headers.get(header::SEC_WEBSOCKET_VERSION);
    if version.is_none_or(|version| version != "13") {
        return Err(Refused::UpgradeVersion);
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let Some(key) = key.filter(|key| is_key(key.as_bytes())) else {
        return Err(Refused::Upgrade(
            "`Sec-WebSocket-Key` must be 16 bytes in base64",
        ));
    };
    let accepted = HeaderValue::try_from(derive_accept_key(key.as_bytes()));
    let (Ok(accepted), Some(turned)) = (accepted, parts.extensions.remove::<OnUpgrade>()) else {
        return Err(Refused::Upgrade("this connection cannot be upgraded"));
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accepted);
    Ok((response, Upgrade { turned, cx }))
}
