//! The view: reads the journal, asks whether the service is alive, and tells systemd.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep};

use crate::control::ServiceHandle;
use crate::event::{Event, EventKind, EventSubscription, Lagged};
use crate::service::{Attach, AttachContext};
use crate::shutdown::ShutdownToken;
use crate::systemd::message::{Moment, Teller};
use crate::systemd::socket::NotifySocket;
use crate::systemd::surroundings::Surroundings;
use crate::tasks::TaskKind;

const NAME: &str = "systemd";
/// How often a full socket is tried again, and how long apart.
const TRIES: u32 = 20;
const APART: Duration = Duration::from_millis(20);
/// Progress that comes faster is passed over; well below the margin of an extension.
const PROGRESS_APART: Duration = Duration::from_millis(100);

/// The attachment.
pub(super) struct Systemd<S> {
    surroundings: S,
}

impl<S> Systemd<S> {
    /// The surroundings are looked at when the service starts.
    pub(super) const fn new(surroundings: S) -> Self {
        Self { surroundings }
    }
}

#[async_trait]
impl<S: Fn() -> Surroundings + Send + Sync + 'static> Attach for Systemd<S> {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn start(&mut self, cx: AttachContext) -> anyhow::Result<()> {
        let Surroundings { socket, watchdog } = (self.surroundings)();
        let Some(name) = socket else {
            tracing::debug!("no NOTIFY_SOCKET: systemd is told nothing");
            return Ok(());
        };
        let socket = match NotifySocket::new(&name) {
            Ok(socket) => socket,
            Err(error) => {
                tracing::warn!(%error, "systemd is told nothing");
                return Ok(());
            }
        };
        let view = View {
            socket,
            events: cx.service.subscribe(),
            service: cx.service,
            token: cx.tasks.shutdown().clone(),
            teller: Teller::new(),
            pings: watchdog.map(every_half),
            is_hungry: false,
            has_failed: false,
            progress: None,
        };
        cx.tasks.spawn(NAME, TaskKind::Maintenance, view.live());
        Ok(())
    }
}

fn every_half(watchdog: Duration) -> Interval {
    let mut pings = interval((watchdog / 2).max(Duration::from_millis(1)));
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pings
}

struct View {
    socket: NotifySocket,
    events: EventSubscription,
    service: ServiceHandle,
    token: ShutdownToken,
    teller: Teller,
    pings: Option<Interval>,
    /// A ping was left out, and is due as soon as the service is alive again.
    is_hungry: bool,
    /// The last datagram was not sent, which has been told.
    has_failed: bool,
    /// When progress was last passed on.
    progress: Option<Instant>,
}

impl View {
    async fn live(mut self) -> anyhow::Result<()> {
        loop {
            tokio::select! {
                // Pings first, as events may come without end; the token last, so that the last
                // events are told.
                biased;
                () = due(&mut self.pings) => self.feed().await,
                event = self.events.next() => match event {
                    Some(event) => self.see(event).await,
                    None => return Ok(()),
                },
                () = self.token.cancelled() => return Ok(()),
            }
        }
    }

    /// Feeds the watchdog, if the service is alive (I53).
    async fn feed(&mut self) {
        self.is_hungry = !self.service.is_alive();
        if !self.is_hungry {
            self.send("WATCHDOG=1").await;
        }
    }

    async fn see(&mut self, event: Result<Event, Lagged>) {
        let moment = Moment {
            reason: self.service.status().reason,
            left: self.service.time_left(),
        };
        let text = match event {
            Ok(event) => {
                if self.is_too_soon(&event.kind) {
                    return;
                }
                let is_back = matches!(event.kind, EventKind::HeartbeatRecovered { .. });
                if is_back && self.is_hungry {
                    self.feed().await;
                }
                self.teller.tell(&event.kind, &moment)
            }
            // What was lost may have been a phase.
            Err(_) => {
                let phase = *self.service.phase().borrow();
                self.teller.enter(phase, &moment)
            }
        };
        if let Some(text) = text {
            self.send(&text).await;
        }
    }

    fn is_too_soon(&mut self, event: &EventKind) -> bool {
        if !matches!(event, EventKind::Progress { .. }) {
            return false;
        }
        let now = Instant::now();
        let is_soon = self
            .progress
            .is_some_and(|last| now.duration_since(last) < PROGRESS_APART);
        if !is_soon {
            self.progress = Some(now);
        }
        is_soon
    }

    /// Sends a datagram; one that cannot be sent is a warning, once.
    async fn send(&mut self, text: &str) {
        let mut sent = self.socket.send(text);
        for _ in 1..TRIES {
            match &sent {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => sleep(APART).await,
                _ => break,
            }
            sent = self.socket.send(text);
        }
        let failed = sent.is_err();
        if let Err(error) = sent
            && !self.has_failed
        {
            tracing::warn!(%error, "cannot write to NOTIFY_SOCKET");
        }
        self.has_failed = failed;
    }
}

async fn due(pings: &mut Option<Interval>) {
    match pings {
        Some(pings) => drop(pings.tick().await),
        None => std::future::pending().await,
    }
}
