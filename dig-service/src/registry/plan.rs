//! The order of providers: a pure decision over who depends on whom.

use std::collections::BTreeMap;

use crate::registry::{Error, Result};

/// What the plan knows of a provider; it stands at its index in the order of registration.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) name: &'static str,
    pub(super) priority: u8,
    /// Indices of those that come before it.
    pub(super) after: Vec<usize>,
}

/// Groups of providers that may go side by side, one group after the other; each in the order of
/// registration.
///
/// # Errors
///
/// [`Error::Cycle`] with a whole circle, if there is one.
pub(super) fn levels(nodes: &[Node]) -> Result<Vec<Vec<usize>>> {
    let mut waits_for: Vec<usize> = nodes.iter().map(|node| node.after.len()).collect();
    let mut dependents = vec![Vec::new(); nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        for before in &node.after {
            dependents[*before].push(index);
        }
    }
    // Ready providers by priority.
    let mut ready: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        if waits_for[index] == 0 {
            ready.entry(node.priority).or_default().push(index);
        }
    }
    let mut levels = Vec::new();
    let mut placed = 0;
    while let Some((_, mut level)) = ready.pop_first() {
        level.sort_unstable();
        placed += level.len();
        for dependent in level.iter().flat_map(|index| &dependents[*index]) {
            waits_for[*dependent] -= 1;
            if waits_for[*dependent] == 0 {
                ready
                    .entry(nodes[*dependent].priority)
                    .or_default()
                    .push(*dependent);
            }
        }
        levels.push(level);
    }
    if placed == nodes.len() {
        Ok(levels)
    } else {
        Err(cycle(nodes, &waits_for))
    }
}

/// A circle among those that still wait.
fn cycle(nodes: &[Node], waits_for: &[usize]) -> Error {
    // Each of these waits for another of them: following that way, one comes around.
    let mut way: Vec<usize> = Vec::new();
    let mut at = waits_for
        .iter()
        .position(|left| *left > 0)
        .unwrap_or_default();
    loop {
        if let Some(start) = way.iter().position(|seen| *seen == at) {
            let circle = way[start..].iter().chain(std::iter::once(&at));
            return Error::Cycle {
                path: circle.map(|index| nodes[*index].name).collect(),
            };
        }
        way.push(at);
        let next = nodes[at]
            .after
            .iter()
            .find(|before| waits_for[**before] > 0);
        at = next.copied().unwrap_or(at);
    }
}
