//! Groups of RPC methods, and the check that no two share a name.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::Value;

use super::future::{BoxFut, RpcResult};
use crate::rpc::{MethodInfo, RpcContext};

/// Answers a name of the group, or gives the params back.
type Dispatch<N> =
    for<'z> fn(&'z N, &'z RpcContext, &'z str, Value) -> Result<BoxFut<'z, RpcResult>, Value>;

/// The RPC methods of one block of a node of type `N`.
pub struct Group<N> {
    dispatch: Dispatch<N>,
    methods: &'static [MethodInfo],
}

impl<N> Group<N> {
    /// Makes a group.
    #[must_use]
    pub const fn new(dispatch: Dispatch<N>, methods: &'static [MethodInfo]) -> Self {
        Self { dispatch, methods }
    }

    /// Calls a method of the group.
    ///
    /// # Errors
    ///
    /// The params, if it has no method of that name.
    pub fn dispatch<'z>(
        self,
        node: &'z N,
        cx: &'z RpcContext,
        method: &'z str,
        params: Value,
    ) -> Result<BoxFut<'z, RpcResult>, Value> {
        (self.dispatch)(node, cx, method, params)
    }

    /// Returns what the methods are.
    #[must_use]
    pub const fn methods(self) -> &'static [MethodInfo] {
        self.methods
    }
}

impl<N> fmt::Debug for Group<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("methods", &self.methods)
            .finish_non_exhaustive()
    }
}

/// Joins the rows of all blocks of `N`.
///
/// How many there are, only the compiler knows, and it cannot size an array by it. So they are
/// joined when they are first asked for, once for each type of node.
#[must_use]
pub fn joined<N: 'static>(blocks: &[&'static [MethodInfo]]) -> &'static [MethodInfo] {
    static JOINED: LazyLock<Mutex<HashMap<TypeId, &'static [MethodInfo]>>> =
        LazyLock::new(Mutex::default);
    let mut joined = JOINED.lock().unwrap_or_else(PoisonError::into_inner);
    joined
        .entry(TypeId::of::<N>())
        .or_insert_with(|| Vec::leak(blocks.concat()))
}

/// Fails to compile if two blocks share a name; one block's own names were told apart before.
#[track_caller]
pub const fn distinct(own: &[&str], groups: &[&[MethodInfo]]) {
    let mut at = 0;
    while at < groups.len() {
        let mut row = 0;
        while row < groups[at].len() {
            let method = &groups[at][row];
            alone(method.name(), own, groups, at);
            let mut alias = 0;
            while alias < method.aliases().len() {
                alone(method.aliases()[alias], own, groups, at);
                alias += 1;
            }
            if let Some(end) = method.unsubscribe() {
                alone(end, own, groups, at);
            }
            row += 1;
        }
        at += 1;
    }
}

/// Looks for a name of one group among the node's own and in the groups before it.
#[track_caller]
const fn alone(name: &str, own: &[&str], groups: &[&[MethodInfo]], before: usize) {
    let mut place = 0;
    while place < own.len() {
        assert!(
            !is_same(name, own[place]),
            "an RPC method name is defined in an `#[rpc_group]` and in another block of this node"
        );
        place += 1;
    }
    let mut at = 0;
    while at < before {
        let mut row = 0;
        while row < groups[at].len() {
            let method = &groups[at][row];
            let mut is_there = is_same(name, method.name());
            let mut alias = 0;
            while alias < method.aliases().len() {
                is_there |= is_same(name, method.aliases()[alias]);
                alias += 1;
            }
            if let Some(end) = method.unsubscribe() {
                is_there |= is_same(name, end);
            }
            assert!(
                !is_there,
                "an RPC method name is defined in two `#[rpc_group]` blocks of this node"
            );
            row += 1;
        }
        at += 1;
    }
}

const fn is_same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    // From the end: names of one namespace begin alike.
    let mut at = left.len();
    while at > 0 {
        at -= 1;
        if left[at] != right[at] {
            return false;
        }
    }
    true
}

#[cfg(test)]
#[cfg(not(dig_loom))]
mod tests {
    use super::*;

    const GET: MethodInfo = MethodInfo::new("chain.get", "", &[]).with_aliases(&["get", "fetch"]);
    const PUT: MethodInfo = MethodInfo::new("chain.put", "", &[]);

    #[test]
    fn blocks_without_a_name_in_common_pass() {
        distinct(&["version", "chain.got"], &[&[GET], &[PUT], &[]]);
    }

    #[test]
    #[should_panic(expected = "in an `#[rpc_group]` and in another block")]
    fn name_of_the_node_is_found_in_a_group() {
        distinct(&["chain.put"], &[&[GET], &[PUT]]);
    }

    #[test]
    #[should_panic(expected = "in two `#[rpc_group]` blocks")]
    fn alias_is_found_in_another_group() {
        const GOT: MethodInfo = MethodInfo::new("got", "", &[]).with_aliases(&["fetch"]);
        distinct(&[], &[&[PUT, GET], &[GOT]]);
    }
}
