//! What is missing here, which peers have it, and who is asked for it: pure decisions.
//!
//! Every event returns the commands that follow from it. The caller tells the time and carries the
//! commands out. Each peer may have [`PAGE`](super::PAGE) + [`LOW_WATER`] hashes on this list and
//! [`WINDOW`] transfers, so the list is bounded by the number of peers.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use dig_service::PeerId;
use tokio::time::Instant;

use super::frame::Violation;
use super::{LOW_WATER, REQUEST_PATIENCE, WINDOW};
use crate::blob::BlobHash;

/// What is to be sent to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Ask this peer for this blob.
    Request(PeerId, BlobHash),
    /// Let this peer announce more.
    More(PeerId),
}

/// The list.
#[derive(Debug, Default)]
pub(super) struct Wants {
    wanted: HashMap<BlobHash, Want>,
    /// In order, so that equal events have equal outcomes.
    peers: BTreeMap<PeerId, Peer>,
}

/// A blob that is missing.
#[derive(Debug, Default)]
struct Want {
    holders: BTreeSet<PeerId>,
    asked: Option<Asked>,
}

#[derive(Debug)]
struct Asked {
    peer: PeerId,
    since: Instant,
}

/// What goes on with one peer.
#[derive(Debug, Default)]
struct Peer {
    /// What it announced and is still missing.
    announced: usize,
    /// Whether it waits for `MORE`.
    awaits_more: bool,
    /// What it may be asked for, when there is a free slot; may name what is settled by now.
    queue: VecDeque<BlobHash>,
    /// What it was asked for and has not answered, or has answered and is being stored. It keeps its
    /// slot even if another peer was quicker, so that a slow peer is not buried.
    transfers: HashMap<BlobHash, Transfer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transfer {
    Asked,
    Storing,
}

impl Wants {
    /// A peer has connected.
    pub(super) fn connected(&mut self, peer: PeerId, now: Instant) -> Vec<Command> {
        // Nothing is left of it, unless the task of its last connection panicked.
        let commands = self.gone(peer, now);
        self.peers.insert(peer, Peer::default());
        commands
    }

    /// A peer has announced something; `missing` is the part of it that is not here.
    pub(super) fn announced(
        &mut self,
        peer: PeerId,
        missing: &[BlobHash],
        now: Instant,
    ) -> Result<Vec<Command>, Violation> {
        let Some(state) = self.peers.get_mut(&peer) else {
            return Ok(Vec::new());
        };
        if state.awaits_more {
            let what = "an announcement before the last one was settled";
            return Err(Violation(what.to_owned())); // INV-P2
        }
        state.awaits_more = true;
        for hash in missing {
            let want = self.wanted.entry(*hash).or_default();
            if want.holders.insert(peer) {
                state.announced += 1;
                state.queue.push_back(*hash);
            }
        }
        let mut commands = Vec::new();
        self.ask(peer, now, &mut commands);
        self.let_announce(peer, &mut commands);
        Ok(commands)
    }

    /// A blob has come, and is about to be stored.
    pub(super) fn arrived(&mut self, peer: PeerId, hash: BlobHash) -> Result<(), Violation> {
        match self.transfer(peer, hash) {
            Some(transfer @ Transfer::Asked) => {
                *transfer = Transfer::Storing;
                Ok(())
            }
            Some(Transfer::Storing) | None => {
                Err(Violation(format!("blob {hash} was not asked for"))) // INV-P2
            }
        }
    }

    /// A blob is here now, whoever it came from.
    pub(super) fn stored(&mut self, hash: BlobHash, now: Instant) -> Vec<Command> {
        let mut commands = Vec::new();
        self.settle(hash, &mut commands);
        self.free_slots(hash, now, &mut commands);
        commands
    }

    /// A blob came and could not be stored. It is given up until it is announced again, as asking at
    /// once would fail at once.
    pub(super) fn failed(&mut self, hash: BlobHash, now: Instant) -> Vec<Command> {
        self.stored(hash, now)
    }

    /// A peer does not have what it announced.
    pub(super) fn absent(
        &mut self,
        peer: PeerId,
        hash: BlobHash,
        now: Instant,
    ) -> Result<Vec<Command>, Violation> {
        if !matches!(self.transfer(peer, hash), Some(Transfer::Asked)) {
            return Err(Violation(format!(
                "answer about {hash}, which was not asked for"
            )));
        }
        let mut commands = Vec::new();
        if let Some(state) = self.peers.get_mut(&peer) {
            state.transfers.remove(&hash);
        }
        self.lose_holder(peer, hash, now, &mut commands);
        self.ask(peer, now, &mut commands);
        self.let_announce(peer, &mut commands);
        Ok(commands)
    }

    /// A peer has gone. What only it had is forgotten: it will announce it when it is back.
    pub(super) fn gone(&mut self, peer: PeerId, now: Instant) -> Vec<Command> {
        self.peers.remove(&peer);
        let held = |want: &Want| want.holders.contains(&peer);
        let hashes = self.wanted.iter().filter(|(_, want)| held(want));
        let mut hashes: Vec<_> = hashes.map(|(hash, _)| *hash).collect();
        hashes.sort_unstable();
        let mut commands = Vec::new();
        for hash in hashes {
            self.lose_holder(peer, hash, now, &mut commands);
        }
        commands
    }

    /// Asks others for what has been waited for too long (INV-P4).
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<Command> {
        let mut late: Vec<_> = self
            .wanted
            .iter()
            .filter_map(|(hash, want)| {
                let asked = want.asked.as_ref()?;
                let is_late = now.duration_since(asked.since) >= REQUEST_PATIENCE;
                is_late.then_some((*hash, asked.peer))
            })
            .collect();
        late.sort_unstable();
        let mut commands = Vec::new();
        for (hash, asked) in late {
            let is_storing = matches!(self.transfer(asked, hash), Some(Transfer::Storing));
            if !is_storing && let Some(other) = self.other_holder(hash) {
                self.request(other, hash, now, &mut commands);
            }
        }
        commands
    }

    /// How many blobs are missing.
    pub(super) fn len(&self) -> usize {
        self.wanted.len()
    }

    fn transfer(&mut self, peer: PeerId, hash: BlobHash) -> Option<&mut Transfer> {
        self.peers.get_mut(&peer)?.transfers.get_mut(&hash)
    }

    /// Fills a peer's free slots from its queue.
    fn ask(&mut self, peer: PeerId, now: Instant, commands: &mut Vec<Command>) {
        while let Some(state) = self.peers.get_mut(&peer)
            && state.has_slot()
            && let Some(hash) = state.queue.pop_front()
        {
            let want = self.wanted.get(&hash);
            let is_open =
                want.is_some_and(|want| want.asked.is_none() && want.holders.contains(&peer));
            if is_open {
                self.request(peer, hash, now, commands);
            }
        }
    }

    fn request(
        &mut self,
        peer: PeerId,
        hash: BlobHash,
        since: Instant,
        commands: &mut Vec<Command>,
    ) {
        if let (Some(want), Some(state)) = (self.wanted.get_mut(&hash), self.peers.get_mut(&peer)) {
            want.asked = Some(Asked { peer, since });
            state.transfers.insert(hash, Transfer::Asked);
            commands.push(Command::Request(peer, hash));
        }
    }

    /// A holder with a free slot that has not been asked yet.
    fn other_holder(&self, hash: BlobHash) -> Option<PeerId> {
        let holders = &self.wanted.get(&hash)?.holders;
        let can_help = |peer: &&PeerId| {
            let state = self.peers.get(*peer);
            state.is_some_and(|state| state.has_slot() && !state.transfers.contains_key(&hash))
        };
        holders.iter().find(can_help).copied()
    }

    /// Takes a hash off the list and off its holders' accounts.
    fn settle(&mut self, hash: BlobHash, commands: &mut Vec<Command>) {
        let Some(want) = self.wanted.remove(&hash) else {
            return;
        };
        for holder in want.holders {
            if let Some(state) = self.peers.get_mut(&holder) {
                state.announced -= 1;
            }
            self.let_announce(holder, commands);
        }
    }

    /// Frees the slots of those who have sent the blob; who has not answered yet keeps its slot.
    fn free_slots(&mut self, hash: BlobHash, now: Instant, commands: &mut Vec<Command>) {
        let peers: Vec<_> = self.peers.keys().copied().collect();
        for peer in peers {
            if let Some(Transfer::Storing) = self.transfer(peer, hash) {
                if let Some(state) = self.peers.get_mut(&peer) {
                    state.transfers.remove(&hash);
                }
                self.ask(peer, now, commands);
            }
        }
    }

    /// A peer turns out not to have a blob: another is asked, or it is given up.
    fn lose_holder(
        &mut self,
        peer: PeerId,
        hash: BlobHash,
        now: Instant,
        commands: &mut Vec<Command>,
    ) {
        let Some(want) = self.wanted.get_mut(&hash) else {
            return;
        };
        if want.holders.remove(&peer)
            && let Some(state) = self.peers.get_mut(&peer)
        {
            state.announced -= 1;
        }
        if want.holders.is_empty() {
            self.wanted.remove(&hash);
            return;
        }
        let was_asked = want.asked.as_ref().is_some_and(|asked| asked.peer == peer);
        if !was_asked {
            return;
        }
        want.asked = None;
        for holder in want.holders.clone() {
            if let Some(state) = self.peers.get_mut(&holder)
                && !state.transfers.contains_key(&hash)
            {
                state.queue.push_back(hash);
            }
        }
        if let Some(other) = self.other_holder(hash) {
            self.request(other, hash, now, commands);
        }
    }

    fn let_announce(&mut self, peer: PeerId, commands: &mut Vec<Command>) {
        if let Some(state) = self.peers.get_mut(&peer)
            && state.awaits_more
            && state.announced <= LOW_WATER
        {
            state.awaits_more = false;
            commands.push(Command::More(peer));
        }
    }
}

impl Peer {
    fn has_slot(&self) -> bool {
        self.transfers.len() < WINDOW
    }
}

#[cfg(test)]
mod tests;
