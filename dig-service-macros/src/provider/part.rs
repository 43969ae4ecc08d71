//! What a method does in a provider.

use proc_macro2::{Ident, Span, TokenStream};
use syn::Type;

/// Which hook of a provider.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartKind {
    /// Builds and publishes.
    Boot,
    /// Says whether all fits together.
    Validate,
    /// Reads and checks what is to be applied.
    Prepare,
    /// Applies.
    Reload,
    /// Goes back.
    Revert,
    /// Long work.
    Run,
    /// Takes back what has a name outside.
    Shutdown,
}

impl PartKind {
    /// Returns the name of the attribute and of the trait's method.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Boot => "boot",
            Self::Validate => "validate",
            Self::Prepare => "prepare",
            Self::Reload => "reload",
            Self::Revert => "revert",
            Self::Run => "run",
            Self::Shutdown => "shutdown",
        }
    }

    /// Returns what the method may take, as one would write it.
    pub(crate) fn usage(self) -> &'static str {
        match self {
            Self::Boot => {
                "the state by reference, `&BootContext<'_, S>`, `Arc<T>` and `Option<Arc<T>>`"
            }
            Self::Run => "the state by value and `TaskContext`",
            _ => "the state by reference",
        }
    }
}

/// One hook, checked.
pub(crate) struct Part {
    /// Which one.
    pub(crate) kind: PartKind,
    /// The user's method.
    pub(crate) ident: Ident,
    /// The conditions on it.
    pub(crate) conditions: Vec<TokenStream>,
    /// Whether it is awaited.
    pub(crate) is_async: bool,
    /// What it takes behind `&self`, in order.
    pub(crate) arguments: Vec<Argument>,
    /// Where its return type stands.
    pub(crate) output: Span,
}

/// One argument of a hook.
pub(crate) enum Argument {
    /// The state: by reference, or by value in `run`.
    State(Span),
    /// The context: `BootContext`, or `TaskContext`.
    Context(Span),
    /// A provider that is required.
    Required(Box<Type>),
    /// A provider that may be missing.
    Optional(Box<Type>),
}
