//! The work of a node beside its hooks: `#[task]`, `#[supervised]`, `#[reload]`.

mod check;
mod expand;
mod options;

use proc_macro2::{Span, TokenStream};

pub(crate) use self::check::check;
pub(crate) use self::expand::{declarations, lists, rows};
use super::hook::UserMethod;

/// Which kind of work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkKind {
    /// Rounds at a period.
    Task,
    /// A loop that is started again.
    Supervised,
    /// A step of a reload.
    Reload,
}

impl WorkKind {
    /// Returns the name of the attribute.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Supervised => "supervised",
            Self::Reload => "reload",
        }
    }
}

/// One piece of work, checked.
pub(crate) struct Work {
    /// The user's method.
    pub(crate) method: UserMethod,
    /// What is declared of it.
    declared: Declared,
}

/// What is declared of a piece of work.
enum Declared {
    Child {
        name: ChildName,
        begin: Begin,
        /// The methods called on what it makes.
        settings: TokenStream,
    },
    Reload {
        order: TokenStream,
    },
}

/// How a declaration begins.
struct Begin {
    constructor: &'static str,
    /// What stands between the name and the work.
    argument: TokenStream,
}

/// The name of a child.
#[derive(Clone)]
pub(crate) struct ChildName {
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) place: Span,
}

impl Work {
    /// The child's name; a step of a reload is none.
    pub(crate) fn child_name(&self) -> Option<ChildName> {
        match &self.declared {
            Declared::Child { name, .. } => Some(name.clone()),
            Declared::Reload { .. } => None,
        }
    }
}
