//! Connections that this node opens, and opens again.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use dig_service::{PeerIdHex, TaskKind, TaskOptions, TaskRegistry};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use super::api::Peers;
use super::book::Direction;
use super::session::{End, Session};

const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(5);
/// A connection that lived so long was a good one: the next delay is the first again.
const GOOD_AFTER: Duration = Duration::from_secs(2);

/// Where a peer is: `host:port`. Names are looked up on every attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PeerAddr(String);

/// A text that is not `host:port`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected HOST:PORT, as in 192.0.2.7:9779 or peer.example.org:9779")]
pub(crate) struct InvalidPeerAddr;

impl FromStr for PeerAddr {
    type Err = InvalidPeerAddr;

    fn from_str(text: &str) -> Result<Self, InvalidPeerAddr> {
        let (host, port) = text.rsplit_once(':').ok_or(InvalidPeerAddr)?;
        let is_v6 = host.starts_with('[') && host.ends_with(']');
        let is_host = !host.is_empty() && (is_v6 || !host.contains([':', '/', ' ']));
        let is_port = port.parse::<u16>().is_ok_and(|port| port != 0);
        match is_host && is_port {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidPeerAddr),
        }
    }
}

impl fmt::Display for PeerAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Peers {
    /// Keeps a connection to an address until the service stops.
    pub(super) async fn dial(&self, addr: &PeerAddr, tasks: &TaskRegistry) {
        let mut delay = FIRST_DELAY;
        loop {
            let began = Instant::now();
            match self.call(addr, tasks).await {
                Ok(End::Disconnected) => tracing::debug!(%addr, "connection over"),
                Ok(End::Duplicate(peer)) => {
                    tracing::debug!(%addr, peer = %PeerIdHex(&peer), "connected already");
                    self.book().left(peer).await;
                }
                Ok(End::Itself) => {
                    tracing::warn!(%addr, "this address is this node's own; not dialed again");
                    return;
                }
                Ok(End::NoPeer(what)) => tracing::warn!(%addr, what, "no peer at this address"),
                Err(error) => tracing::debug!(%addr, %error, "no connection"),
            }
            if began.elapsed() >= GOOD_AFTER {
                delay = FIRST_DELAY;
            }
            sleep(jittered(delay)).await;
            delay = (2 * delay).min(LONGEST_DELAY);
        }
    }

    /// Connects once, and waits for the end of the connection.
    async fn call(&self, addr: &PeerAddr, tasks: &TaskRegistry) -> anyhow::Result<End> {
        let stream = timeout(CONNECT_PATIENCE, TcpStream::connect(&addr.0)).await??;
        let remote = stream.peer_addr()?;
        let (ended, end) = oneshot::channel();
        let peers = self.clone();
        let options = TaskOptions::new(TaskKind::PeerConnection).label(format!("to {addr}"));
        tasks.spawn_with("peer", options, |cx| async move {
            let session = Session {
                peers,
                direction: Direction::Outbound,
                remote,
                stop: cx.shutdown,
            };
            // The dialer may have been told to stop meanwhile.
            let _ = ended.send(session.run(stream).await);
            Ok(())
        });
        // No answer: the session panicked, or came too late. Both look like a lost connection.
        Ok(end.await.unwrap_or(End::Disconnected))
    }
}

/// Between half of the delay and all of it, so that nodes do not dial in step.
fn jittered(delay: Duration) -> Duration {
    let random = getrandom::u32().unwrap_or_default();
    delay.mul_f64(0.5 + f64::from(random) / f64::from(u32::MAX) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_hosts_with_ports() {
        for good in ["127.0.0.1:1", "[::1]:9779", "localhost:65535", "a.b-c:80"] {
            assert!(good.parse::<PeerAddr>().is_ok(), "{good}");
        }
        for bad in [
            "",
            ":1",
            "host",
            "host:",
            "host:0",
            "host:65536",
            "::1:80",
            "a b:1",
        ] {
            assert_eq!(bad.parse::<PeerAddr>(), Err(InvalidPeerAddr), "{bad}");
        }
    }

    #[test]
    fn delays_are_spread_over_their_second_half() {
        let delay = Duration::from_secs(4);

        for _ in 0..100 {
            let jittered = jittered(delay);
            assert!(jittered >= delay / 2 && jittered <= delay, "{jittered:?}");
        }
    }
}
