//! One connection, driven by the call that uses it.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

use dig_rpc_types::envelope::JsonRpcResponse;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper::http::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::rpc::client::TransportError;
use crate::rpc::client::target::Target;

pub(super) type Body = Full<Bytes>;

/// A connection and its driver, which is polled while a call waits.
pub(super) struct Link {
    sender: SendRequest<Body>,
    driver: Connection<TokioIo<TcpStream>, Body>,
}

/// What the server sent.
pub(super) struct Response {
    status: StatusCode,
    body: Bytes,
}

/// Why there is no response, and the request if nothing of it was sent.
pub(super) type Failed = (TransportError, Option<Request<Body>>);

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link")
    }
}

impl Link {
    pub(super) async fn connect(target: &Target) -> Result<Self, TransportError> {
        let unreachable = |error: io::Error| TransportError::Unreachable(Arc::new(error));
        let stream = TcpStream::connect((&*target.name, target.port));
        let stream = stream.await.map_err(unreachable)?;
        // Requests are written in one piece: waiting for more only costs time.
        stream.set_nodelay(true).map_err(unreachable)?;
        let (sender, driver) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| TransportError::Unreachable(Arc::new(error)))?;
        Ok(Self { sender, driver })
    }

    /// Sends a request and reads the response to its end. The connection is given back if it can
    /// carry another.
    pub(super) async fn exchange(
        self,
        request: Request<Body>,
        limit: usize,
    ) -> Result<(Response, Option<Self>), Failed> {
        let Self {
            mut sender,
            mut driver,
        } = self;
        let exchange = async {
            let response = match sender.try_send_request(request).await {
                Ok(response) => response,
                Err(mut failed) => {
                    let unsent = failed.take_message();
                    return Err((lost(failed.into_error()), unsent));
                }
            };
            let status = response.status();
            match Limited::new(response.into_body(), limit).collect().await {
                Ok(body) => Ok(Response {
                    status,
                    body: body.to_bytes(),
                }),
                Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                    let what = format!("more than {limit} bytes");
                    Err((TransportError::Malformed(what), None))
                }
                Err(error) => Err((TransportError::Lost(error.into()), None)),
            }
        };
        let mut exchange = Box::pin(exchange);
        let done = tokio::select! {
            // The exchange first: its response may have come with the end of the connection.
            biased;
            done = &mut exchange => Some(done),
            _ended = &mut driver => None,
        };
        let Some(done) = done else {
            // What the driver has not taken is given back when it is gone.
            drop(driver);
            return exchange.await.map(|response| (response, None));
        };
        drop(exchange);
        let response = done?;
        let link = sender.is_ready().then_some(Self { sender, driver });
        Ok((response, link))
    }
}

fn lost(error: impl Error + Send + Sync + 'static) -> TransportError {
    TransportError::Lost(Arc::new(error))
}

impl Response {
    /// Returns the body, if it is JSON-RPC's affair.
    pub(super) fn into_answer(self) -> Result<Option<Vec<u8>>, TransportError> {
        let body = self.body.trim_ascii();
        let begins_like_one = matches!(body.first(), Some(b'{' | b'['));
        let is_success = self.status.is_success();
        // A server may answer in JSON-RPC under any status. Under one of failure the JSON may as well
        // be a proxy's, and the status is what it says.
        match begins_like_one && (is_success || is_answer(body)) {
            true => Ok(Some(self.body.to_vec())),
            // Some servers answer `null` where there is nothing to answer.
            false if is_success && (body.is_empty() || body == b"null") => Ok(None),
            false => Err(TransportError::Status(self.status.as_u16())),
        }
    }
}

/// Returns whether this is what JSON-RPC answers to a call or to a batch.
fn is_answer(body: &[u8]) -> bool {
    if body.starts_with(b"[") {
        let answers = serde_json::from_slice::<Vec<JsonRpcResponse>>(body);
        return answers.is_ok_and(|answers| !answers.is_empty());
    }
    serde_json::from_slice::<JsonRpcResponse>(body).is_ok()
}
