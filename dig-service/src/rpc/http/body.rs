//! Reads a request's body, no more of it than allowed.

use std::time::Duration;

use axum::body::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};

use crate::rpc::http::refusal::Refused;

/// Reads the whole body within a size and a time.
pub(super) async fn read(body: Incoming, limit: usize, time: Duration) -> Result<Bytes, Refused> {
    let announced = body.size_hint().lower();
    let is_too_large = usize::try_from(announced).map_or(true, |bytes| bytes > limit);
    if is_too_large {
        // Refused before a byte is read, and before `100 Continue` asks for one.
        return Err(Refused::BodyTooLarge { limit });
    }
    // The timer is made only if the body is not there at once.
    tokio::select! {
        biased;
        read = collect(body, limit) => read,
        () = async { tokio::time::sleep(time).await } => Err(Refused::BodyTooSlow),
    }
}

async fn collect(mut body: Incoming, limit: usize) -> Result<Bytes, Refused> {
    let mut first = Bytes::new();
    let mut more = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refused::BodyBroken)?;
        let Ok(data) = frame.into_data() else {
            continue; // Trailers.
        };
        if first.len() + more.len() + data.len() > limit {
            return Err(Refused::BodyTooLarge { limit });
        }
        if first.is_empty() && more.is_empty() {
            // Most bodies come in one piece, which is not copied.
            first = data;
        } else {
            if more.is_empty() {
                more.extend_from_slice(&first);
                first = Bytes::new();
            }
            more.extend_from_slice(&data);
        }
    }
    Ok(if more.is_empty() { first } else { more.into() })
}
