//! A listener that speaks just enough HTTP to be asked with `curl`.

use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use dig_service::prelude::*;
use dig_service::registry::{Error, Result};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};

use crate::cache::Cache;
use crate::config::Config;
use crate::store::Store;

/// Longer values are refused.
const LONGEST: u64 = 64 * 1024;

/// Serves the store's values, by way of the cache.
#[derive(Clone)]
pub(crate) struct Http(Arc<Inner>);

struct Inner {
    listen: String,
    /// From boot until the work begins.
    listener: Mutex<Option<TcpListener>>,
    parts: OnceLock<(Arc<Cache>, Arc<Store>)>,
}

#[dig_service::provider(state = Config, name = "http")]
impl Http {
    #[boot]
    async fn bind(&self, cache: Arc<Cache>, store: Arc<Store>) -> io::Result<()> {
        let listener = TcpListener::bind(&self.0.listen).await?;
        tracing::info!(address = %listener.local_addr()?, "listening");
        *self.listener() = Some(listener);
        let _ = self.0.parts.set((cache, store));
        Ok(())
    }

    #[run]
    async fn serve(&self, config: Config, task: TaskContext) -> Result<()> {
        let listener = self
            .listener()
            .take()
            .ok_or_else(|| Error::msg("not bound"))?;
        loop {
            let (stream, _) = tokio::select! {
                () = task.shutdown.cancelled() => return Ok(()),
                accepted = listener.accept() => accepted?,
            };
            let (http, config) = (self.clone(), config.clone());
            let answer = async move { Ok(http.answer(stream, &config).await?) };
            // Refused while the service drains: the client sees a closed connection.
            let _ = task
                .tasks
                .detach("connection", TaskKind::PeerConnection, answer);
        }
    }

    #[shutdown]
    fn close(&self) {
        self.listener().take();
    }
}

impl Http {
    pub(crate) fn new(listen: String) -> Self {
        let (listener, parts) = (Mutex::new(None), OnceLock::new());
        Self(Arc::new(Inner {
            listen,
            listener,
            parts,
        }))
    }

    /// Answers one request, and closes.
    async fn answer(&self, stream: TcpStream, config: &Config) -> io::Result<()> {
        let mut stream = BufStream::new(stream);
        let mut first = String::new();
        stream.read_line(&mut first).await?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 || line.trim().is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = String::new();
        (&mut stream)
            .take(u64::min(length, LONGEST))
            .read_to_string(&mut body)
            .await?;
        let mut words = first.split_whitespace();
        let request = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let (status, text) = self.respond(request, &body, config);
        let length = text.len() + 1;
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close");
        stream
            .write_all(format!("{head}\r\n\r\n{text}\n").as_bytes())
            .await?;
        stream.flush().await
    }

    fn respond(
        &self,
        (method, path): (&str, &str),
        body: &str,
        config: &Config,
    ) -> (&'static str, String) {
        let Some((cache, store)) = self.0.parts.get() else {
            return ("503 Service Unavailable", "not booted".to_owned());
        };
        let answer = match (method, path, path.strip_prefix("/key/")) {
            ("GET", "/greeting", _) => config.values().map(|values| Some(values.greeting.clone())),
            ("GET", "/cached", _) => Ok(Some(cache.len().to_string())),
            ("GET", _, Some(key)) => cache.get(key),
            ("PUT" | "POST", _, Some(key)) => store.put(key, body).map(|()| {
                cache.keep(key, body);
                Some("stored".to_owned())
            }),
            _ => Ok(None),
        };
        match answer {
            Ok(Some(text)) => ("200 OK", text),
            Ok(None) => ("404 Not Found", "nothing here".to_owned()),
            Err(error) => ("500 Internal Server Error", error.to_string()),
        }
    }

    fn listener(&self) -> std::sync::MutexGuard<'_, Option<TcpListener>> {
        self.0
            .listener
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
