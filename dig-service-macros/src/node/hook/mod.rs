//! The hooks of a node.

mod check;
mod expand;
mod kind;

use proc_macro2::{Ident, Span, TokenStream};

pub(crate) use self::check::{check, checked};
pub(crate) use self::expand::{boxed, call, inside, parameters};
pub(crate) use self::kind::{ContextKind, HookKind};

/// One hook, checked.
pub(crate) struct Hook {
    /// Which one.
    pub(crate) kind: HookKind,
    /// The user's method.
    pub(crate) method: UserMethod,
}

/// A method of the user's that is called with its context at most, checked.
pub(crate) struct UserMethod {
    /// The user's method.
    pub(crate) ident: Ident,
    /// The conditions on it.
    pub(crate) conditions: Vec<TokenStream>,
    /// Whether it is marked `#[deprecated]`.
    pub(crate) is_deprecated: bool,
    /// Whether it is awaited.
    pub(crate) is_async: bool,
    /// Where its context's type stands, if it takes its context.
    pub(crate) context: Option<Span>,
    /// Whether it never returns.
    pub(crate) is_endless: bool,
    /// Where its return type stands.
    pub(crate) output: Span,
}
