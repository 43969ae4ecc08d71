//! One connection, driven by the call that uses it.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

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
        // A server may answer in JSON-RPC under any status; what does not begin like it is a page.
        let body = self.body.trim_ascii();
        let looks_like_json = matches!(body.first(), Some(b'{' | b'['));
        // Some servers answer `null` where there is nothing to answer.
        match body.is_empty() || body == b"null" {
            _ if looks_like_json => Ok(Some(self.body.to_vec())),
            true if self.status.is_success() => Ok(None),
            _ => Err(TransportError::Status(self.status.as_u16())),
        }
    }
}
