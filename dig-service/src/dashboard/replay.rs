//! Commands that were seen before: each is carried out once.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::dashboard::{ControlCommandRequest, ControlCommandResult};

/// How many ids are remembered.
const IDS: usize = 1024;
/// For how long.
const LIFE: Duration = Duration::from_secs(60);

/// Where the result of a command comes, or is.
pub(crate) type Pending = watch::Receiver<Option<ControlCommandResult>>;

/// What a command id is.
#[derive(Debug)]
pub(crate) enum Seen {
    /// New: carry it out, and send the result.
    First(watch::Sender<Option<ControlCommandResult>>),
    /// The same again.
    Again(Pending),
    /// Used for something else.
    OtherBody,
    /// Used by somebody else.
    OtherUser,
}

/// The commands of the last minute.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    seen: HashMap<String, Entry>,
    order: VecDeque<(Instant, String)>,
}

#[derive(Debug)]
struct Entry {
    uid: u32,
    request: ControlCommandRequest,
    result: Pending,
}

impl Replays {
    /// Looks a command up, and remembers it.
    pub(crate) fn see(&mut self, uid: u32, request: &ControlCommandRequest, now: Instant) -> Seen {
        self.forget_old(now);
        match self.seen.get(&request.command_id) {
            Some(entry) if entry.uid != uid => Seen::OtherUser,
            Some(entry) if entry.request != *request => Seen::OtherBody,
            Some(entry) => Seen::Again(entry.result.clone()),
            None => {
                let (sender, result) = watch::channel(None);
                let id = request.command_id.clone();
                let entry = Entry {
                    uid,
                    request: request.clone(),
                    result,
                };
                self.seen.insert(id.clone(), entry);
                self.order.push_back((now, id));
                Seen::First(sender)
            }
        }
    }

    /// Lets an id go, as nothing was done.
    pub(crate) fn forget(&mut self, id: &str) {
        self.seen.remove(id);
        self.order.retain(|(_, seen)| seen != id);
    }

    fn forget_old(&mut self, now: Instant) {
        while let Some((at, _)) = self.order.front()
            && (self.order.len() >= IDS || now.saturating_duration_since(*at) >= LIFE)
            && let Some((_, id)) = self.order.pop_front()
        {
            self.seen.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::ControlCommandKind;

    fn request(reason: &str) -> ControlCommandRequest {
        let kind = ControlCommandKind::RestartChild;
        ControlCommandRequest::new("t", kind, ("alice", reason)).child("feed")
    }

    #[tokio::test(start_paused = true)]
    async fn id_that_was_seen_is_known_by_user_and_body() {
        let (mut replays, now) = (Replays::default(), Instant::now());
        let first = request("stale");
        let other = ControlCommandRequest {
            reason: "other".to_owned(),
            ..first.clone()
        };

        assert!(matches!(replays.see(1, &first, now), Seen::First(_)));
        assert!(matches!(replays.see(1, &first, now), Seen::Again(_)));
        assert!(matches!(replays.see(1, &other, now), Seen::OtherBody));
        assert!(matches!(replays.see(2, &first, now), Seen::OtherUser));
        replays.forget(&first.command_id);
        assert!(matches!(replays.see(2, &first, now), Seen::First(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn ids_are_kept_for_a_minute_and_1024_of_them() {
        let (mut replays, now) = (Replays::default(), Instant::now());
        let first = request("stale");
        replays.see(1, &first, now);
        let almost = now + LIFE - Duration::from_nanos(1);
        assert!(matches!(replays.see(1, &first, almost), Seen::Again(_)));
        assert!(matches!(replays.see(1, &first, now + LIFE), Seen::First(_)));

        for _ in 1..IDS {
            replays.see(1, &request("more"), now + LIFE);
        }
        assert!(matches!(replays.see(1, &first, now + LIFE), Seen::First(_)));
        assert!(replays.seen.len() <= IDS && replays.order.len() <= IDS);
    }
}
