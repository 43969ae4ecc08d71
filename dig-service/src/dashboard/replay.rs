//! Commands that were seen before: each is carried out once.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use crate::dashboard::{ControlCommandRequest, ControlCommandResult, DashboardError};

/// How many ids are remembered.
const IDS: usize = 1024;
/// For how long.
const LIFE: Duration = Duration::from_secs(60);

/// What a command came to: a result, or why nothing was done.
pub(crate) type Answer = Result<ControlCommandResult, DashboardError>;

/// Where the answer to a command comes, or is.
pub(crate) type Pending = watch::Receiver<Option<Answer>>;

/// What a command id is.
#[derive(Debug)]
pub(crate) enum Seen {
    /// New: carry it out, and send the answer.
    First(watch::Sender<Option<Answer>>),
    /// The same again.
    Again(Pending),
    /// Used for something else.
    OtherBody,
    /// Used by somebody else.
    OtherUser,
    /// New, and there is no room: all that are remembered are being carried out.
    Full,
}

/// The commands of the last minute, and those that are being carried out.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    seen: HashMap<Uuid, Entry>,
    /// The oldest first.
    order: VecDeque<Uuid>,
}

#[derive(Debug)]
struct Entry {
    uid: u32,
    request: ControlCommandRequest,
    answer: Pending,
    at: Instant,
}

impl Entry {
    fn is_over(&self) -> bool {
        self.answer.borrow().is_some()
    }
}

impl Replays {
    /// Looks a command up, and remembers it.
    pub(crate) fn see(
        &mut self,
        uid: u32,
        id: Uuid,
        request: &ControlCommandRequest,
        now: Instant,
    ) -> Seen {
        self.forget_if(|entry| now.saturating_duration_since(entry.at) >= LIFE);
        if let Some(entry) = self.seen.get(&id) {
            return match entry {
                entry if entry.uid != uid => Seen::OtherUser,
                entry if entry.request != *request => Seen::OtherBody,
                entry => Seen::Again(entry.answer.clone()),
            };
        }
        if self.seen.len() >= IDS {
            let mut is_first = true;
            self.forget_if(|_| std::mem::take(&mut is_first));
        }
        if self.seen.len() >= IDS {
            return Seen::Full;
        }
        let (sender, answer) = watch::channel(None);
        let entry = Entry {
            uid,
            request: request.clone(),
            answer,
            at: now,
        };
        self.seen.insert(id, entry);
        self.order.push_back(id);
        Seen::First(sender)
    }

    /// Lets an id go, as nothing was done.
    pub(crate) fn forget(&mut self, id: Uuid) {
        self.seen.remove(&id);
        self.order.retain(|seen| *seen != id);
    }

    /// Lets those go that are over, the oldest first, as far as `is_due` says so.
    fn forget_if(&mut self, mut is_due: impl FnMut(&Entry) -> bool) {
        let seen = &mut self.seen;
        self.order.retain(|id| {
            let is_gone = seen
                .get(id)
                .is_none_or(|entry| entry.is_over() && is_due(entry));
            if is_gone {
                seen.remove(id);
            }
            !is_gone
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::ControlCommandKind;
    use crate::dashboard::execute::failed;

    fn request(reason: &str) -> ControlCommandRequest {
        let kind = ControlCommandKind::RestartChild;
        ControlCommandRequest::new("t", kind, ("alice", reason)).child("feed")
    }

    fn see(replays: &mut Replays, uid: u32, request: &ControlCommandRequest, now: Instant) -> Seen {
        let id = Uuid::parse_str(&request.command_id).unwrap();
        replays.see(uid, id, request, now)
    }

    /// Looks a new command up, and answers it.
    fn done(replays: &mut Replays, request: &ControlCommandRequest, now: Instant) {
        match see(replays, 1, request, now) {
            Seen::First(sender) => {
                let error = DashboardError::invalid("a test");
                sender.send_replace(Some(Ok(failed(request, error))));
            }
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn id_that_was_seen_is_known_by_user_and_body() {
        let (mut replays, now) = (Replays::default(), Instant::now());
        let first = request("stale");
        let other = ControlCommandRequest {
            reason: "other".to_owned(),
            ..first.clone()
        };

        let sender = see(&mut replays, 1, &first, now);
        assert!(matches!(sender, Seen::First(_)));
        assert!(matches!(see(&mut replays, 1, &first, now), Seen::Again(_)));
        assert!(matches!(see(&mut replays, 1, &other, now), Seen::OtherBody));
        assert!(matches!(see(&mut replays, 2, &first, now), Seen::OtherUser));
        replays.forget(Uuid::parse_str(&first.command_id).unwrap());
        assert!(matches!(see(&mut replays, 2, &first, now), Seen::First(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn ids_are_kept_for_a_minute_and_1024_of_them() {
        let (mut replays, now) = (Replays::default(), Instant::now());
        let first = request("stale");
        done(&mut replays, &first, now);
        let almost = now + LIFE - Duration::from_nanos(1);
        assert!(matches!(
            see(&mut replays, 1, &first, almost),
            Seen::Again(_)
        ));
        done(&mut replays, &first, now + LIFE);

        for _ in 1..IDS {
            done(&mut replays, &request("more"), now + LIFE);
        }
        // All are held, and to look one up lets none go.
        assert!(matches!(
            see(&mut replays, 1, &first, now + LIFE),
            Seen::Again(_)
        ));
        done(&mut replays, &request("one too many"), now + LIFE);
        assert!(matches!(
            see(&mut replays, 1, &first, now + LIFE),
            Seen::First(_)
        ));
        assert!(replays.seen.len() <= IDS && replays.order.len() <= IDS);
    }

    #[tokio::test(start_paused = true)]
    async fn command_that_is_carried_out_is_not_forgotten() {
        let (mut replays, now) = (Replays::default(), Instant::now());
        let slow = request("slow");
        let sender = see(&mut replays, 1, &slow, now);
        for _ in 0..2 * IDS {
            done(&mut replays, &request("more"), now);
        }
        let later = now + 10 * LIFE;
        assert!(matches!(see(&mut replays, 1, &slow, later), Seen::Again(_)));
        drop(sender);

        let mut held = Vec::new();
        for _ in 1..IDS {
            held.push(see(&mut replays, 1, &request("held"), later));
        }
        assert!(matches!(
            see(&mut replays, 1, &request("no room"), later),
            Seen::Full
        ));
    }
}
