//! Registration with a relay, which shows many processes in one place.

use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::{Instant, sleep, timeout};

use crate::dashboard::frame::{Frame, Frames};
use crate::dashboard::{
    ConnectionState, DashboardIpcService, RegistrationReply, RegistrationState,
};
use crate::decl::{Backoff, Jitter};
use crate::shutdown::ShutdownToken;

/// How long a relay may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long its answer may be.
const MAX_REPLY: usize = 64 * 1024;

/// Why a registration did not come to be.
enum Failed {
    /// The relay cannot be reached, or was not understood.
    Unreached(String),
    /// The relay says no, for now.
    Refused(String),
    /// The relay says no, for good.
    Rejected(String),
}

/// Registers with the relay, again and again, until the token fires or the relay says no for good.
pub(crate) async fn register(
    service: DashboardIpcService,
    token: ShutdownToken,
) -> anyhow::Result<()> {
    let config = service.config().config().clone();
    let Some(path) = config.relay_path else {
        return Ok(());
    };
    let interval = Duration::from_secs(config.registration_heartbeat_interval_seconds);
    let lease = Duration::from_secs(config.lease_seconds);
    let (backoff, mut jitter) = (Backoff::default(), Jitter::random());
    let (mut registered_at, mut failures) = (None::<Instant>, 0_u32);
    let view = service.view();
    view.set_relay(RegistrationState::Expired, ConnectionState::Connecting);
    loop {
        let tried = tokio::select! {
            biased;
            () = token.cancelled() => return Ok(()),
            tried = timeout(PATIENCE, once(&service, &path)) => tried,
        };
        let tried = tried.unwrap_or_else(|_| Err(Failed::Unreached("no answer in time".into())));
        let pause = match tried {
            Ok(()) => {
                if registered_at.replace(Instant::now()).is_none() || failures > 0 {
                    tracing::info!(relay = %path.display(), "registered with the relay");
                    view.service.note_relay("registered", "");
                }
                failures = 0;
                view.set_relay(RegistrationState::Active, ConnectionState::Registered);
                interval
            }
            Err(Failed::Rejected(why)) => {
                tracing::error!(relay = %path.display(), why, "the relay rejects this process");
                view.set_relay(RegistrationState::Rejected, ConnectionState::Unavailable);
                view.service.note_relay("rejected", &why);
                return Ok(());
            }
            Err(Failed::Unreached(why) | Failed::Refused(why)) => {
                failures = failures.saturating_add(1);
                if failures == 1 {
                    tracing::warn!(relay = %path.display(), why, "not registered with the relay");
                    view.service.note_relay("unavailable", &why);
                }
                let is_held = registered_at.is_some_and(|at| at.elapsed() < lease);
                let (registration, connection) = match (registered_at, is_held) {
                    (Some(_), true) => (RegistrationState::Active, ConnectionState::Reconnecting),
                    (Some(_), false) => (RegistrationState::Expired, ConnectionState::Expired),
                    (None, _) => (RegistrationState::Expired, ConnectionState::Unavailable),
                };
                view.set_relay(registration, connection);
                backoff.delay(failures, &mut jitter).min(interval)
            }
        };
        tokio::select! {
            biased;
            () = token.cancelled() => return Ok(()),
            () = sleep(pause) => {}
        }
    }
}

/// Registers once: a line there, a line back.
async fn once(service: &DashboardIpcService, path: &Path) -> Result<(), Failed> {
    let unreached = |error: &dyn std::fmt::Display| Failed::Unreached(error.to_string());
    let mut stream = UnixStream::connect(path).await.map_err(|e| unreached(&e))?;
    let payload = service.registration_payload().map_err(|e| unreached(&e))?;
    let mut line = serde_json::to_vec(&payload).map_err(|e| unreached(&e))?;
    line.push(b'\n');
    stream.write_all(&line).await.map_err(|e| unreached(&e))?;
    let (mut frames, mut chunk) = (Frames::new(MAX_REPLY), [0; 4096]);
    let line = loop {
        match frames.next() {
            Some(Frame::Line(line)) => break line,
            Some(Frame::TooLarge) => return Err(unreached(&"its answer is too long")),
            None => {}
        }
        match stream.read(&mut chunk).await {
            Ok(0) => return Err(unreached(&"it closed the connection without an answer")),
            Ok(count) => frames.push(&chunk[..count]),
            Err(error) => return Err(unreached(&error)),
        }
    };
    let reply: RegistrationReply = serde_json::from_slice(&line).map_err(|e| unreached(&e))?;
    if reply.ok {
        return Ok(());
    }
    let why = match reply.error {
        Some(serde_json::Value::String(why)) => why,
        Some(error) => error.to_string(),
        None => reply.status.unwrap_or_else(|| "no reason given".to_owned()),
    };
    match reply.retryable {
        true => Err(Failed::Refused(why)),
        false => Err(Failed::Rejected(why)),
    }
}
