//! The state as a line, made of pieces that are kept until what they tell of changes.
//!
//! A child's pieces hold as long as no event is told of it, unless they tell of time: of signs of
//! life, or of restarts that leave their window. What is made is what [`DashboardView::state`] gives,
//! byte for byte but for the moments in it; a test holds that.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;

use super::state::{RECENT, everyone};
use super::{child, event_record, log_record};
use crate::dashboard::{DashboardView, UnixNanos, ValidatedDashboardIpcConfig};
use crate::event::Digest;
use crate::supervisor::ChildStatus;

/// The pieces of earlier states.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    /// By place in the order of declaration, the root first.
    children: Vec<Pieces>,
    events: VecDeque<Vec<u8>>,
    /// The latest event of which there is a piece.
    known: u64,
    lines: VecDeque<(u64, Vec<u8>)>,
}

/// What is written of one child.
#[derive(Debug)]
struct Pieces {
    path: Arc<str>,
    told_at: u64,
    /// They tell of time, and hold for one state only.
    is_fleeting: bool,
    /// Its place among those of its supervisor, and whether it is a provider's work.
    stands: (u64, bool),
    node: Vec<u8>,
    edges: Vec<u8>,
    runtime: Vec<u8>,
    record: Vec<u8>,
}

type Written<T> = serde_json::Result<T>;

impl Rendered {
    /// Writes the response to a request for the state, with its end.
    pub(crate) fn line(
        &mut self,
        request_id: &str,
        view: &DashboardView,
        config: &ValidatedDashboardIpcConfig,
        target_id: &Arc<str>,
    ) -> Written<Vec<u8>> {
        let (tree, reading) = view.look(self.known);
        let now = UnixNanos::now();
        let all: Vec<&ChildStatus> = tree.iter().flat_map(everyone).collect();
        self.see_children(&all, &reading.digest, now)?;
        for event in &reading.recent {
            keep(&mut self.events, piece(&event_record(target_id, event))?);
        }
        self.known = reading.sequence;
        self.see_lines(view, target_id)?;

        let children = self.children.get(1..).unwrap_or_default();
        let size: usize = self.children.iter().map(Pieces::size).sum();
        let size = size + self.events.iter().map(Vec::len).sum::<usize>() + 4096;
        let mut out =
            Vec::with_capacity(size + self.lines.iter().map(|l| l.1.len()).sum::<usize>());
        out.extend_from_slice(b"{\"request_id\":");
        serde_json::to_writer(&mut out, request_id)?;
        out.extend_from_slice(b",\"ok\":true,\"result\":{\"type\":\"state\",\"target_id\":");
        serde_json::to_writer(&mut out, target_id)?;
        out.extend_from_slice(b",\"state\":{\"target\":");
        serde_json::to_writer(&mut out, &view.target(config, target_id))?;
        out.extend_from_slice(b",\"topology\":{\"root\":\"/\",\"nodes\":");
        list(&mut out, self.children.iter().map(|child| &*child.node));
        out.extend_from_slice(b",\"edges\":");
        list(&mut out, children.iter().map(|child| &*child.edges));
        out.extend_from_slice(b",\"declaration_order\":");
        let order: Vec<_> = children.iter().map(|child| &child.path).collect();
        serde_json::to_writer(&mut out, &order)?;
        out.extend_from_slice(b"},\"runtime_state\":");
        list(&mut out, children.iter().map(|child| &*child.runtime));
        out.extend_from_slice(b",\"child_runtime_records\":");
        list(&mut out, children.iter().map(|child| &*child.record));
        out.extend_from_slice(b",\"recent_events\":");
        list(&mut out, self.events.iter().map(|event| &**event));
        out.extend_from_slice(b",\"recent_logs\":");
        list(&mut out, self.lines.iter().map(|(_, line)| &**line));
        out.push(b',');
        let tail = piece(&view.tail(&reading, now))?;
        // Its fields go on where the others stand.
        out.extend_from_slice(tail.strip_prefix(b"{").unwrap_or_default());
        out.extend_from_slice(b"}}\n");
        Ok(out)
    }

    fn see_children(
        &mut self,
        all: &[&ChildStatus],
        digest: &Digest,
        now: UnixNanos,
    ) -> Written<()> {
        let mut orders: HashMap<&str, u64> = HashMap::new();
        self.children.truncate(all.len());
        for (place, child) in all.iter().enumerate() {
            let order = match place {
                0 => 0,
                _ => {
                    let next = orders.entry(child::parent(child)).or_default();
                    *next += 1;
                    *next - 1
                }
            };
            let stands = (order, child::is_provider(child, digest));
            match self.children.get_mut(place) {
                Some(held) if held.holds(child, stands) => {}
                Some(held) => *held = Pieces::new(child, stands, now)?,
                None => self.children.push(Pieces::new(child, stands, now)?),
            }
        }
        Ok(())
    }

    fn see_lines(&mut self, view: &DashboardView, target_id: &Arc<str>) -> Written<()> {
        let known = self.lines.back().map_or(0, |(sequence, _)| *sequence);
        let lines = view.lines();
        for line in lines.iter().filter(|line| line.sequence > known) {
            let piece = piece(&log_record(target_id, line))?;
            keep(&mut self.lines, (line.sequence, piece));
        }
        Ok(())
    }
}

impl Pieces {
    fn new(child: &ChildStatus, stands: (u64, bool), now: UnixNanos) -> Written<Self> {
        let (order, is_provider) = stands;
        let mut edges = Vec::new();
        if &*child.path != "/" {
            let parent = child::parent(child).into();
            serde_json::to_writer(&mut edges, &child::parent_edge(&parent, child, order))?;
            for edge in child::dependency_edges(child) {
                edges.push(b',');
                serde_json::to_writer(&mut edges, &edge)?;
            }
        }
        Ok(Self {
            path: Arc::clone(&child.path),
            told_at: child.told_at,
            is_fleeting: child.last_heartbeat.is_some()
                || child.heartbeat_limit().is_some()
                || child.restarts_in_window > 0,
            stands,
            node: piece(&child::node(child, is_provider))?,
            edges,
            runtime: piece(&child::runtime(child))?,
            record: piece(&child::record(child, now))?,
        })
    }

    fn holds(&self, child: &ChildStatus, stands: (u64, bool)) -> bool {
        !self.is_fleeting
            && self.told_at == child.told_at
            && self.stands == stands
            && Arc::ptr_eq(&self.path, &child.path)
            && child.last_heartbeat.is_none()
    }

    fn size(&self) -> usize {
        let written = self.node.len() + self.edges.len() + self.runtime.len() + self.record.len();
        written + self.path.len() + 8
    }
}

fn piece(value: &impl Serialize) -> Written<Vec<u8>> {
    serde_json::to_vec(value)
}

/// Keeps the latest.
fn keep<T>(all: &mut VecDeque<T>, new: T) {
    if all.len() == RECENT {
        all.pop_front();
    }
    all.push_back(new);
}

fn list<'a>(out: &mut Vec<u8>, pieces: impl Iterator<Item = &'a [u8]>) {
    out.push(b'[');
    for (place, piece) in pieces.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        out.extend_from_slice(piece);
    }
    out.push(b']');
}

#[cfg(test)]
#[cfg(not(dig_loom))]
mod tests;
