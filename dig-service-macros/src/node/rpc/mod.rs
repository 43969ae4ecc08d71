//! The RPC methods of a node.

mod argument;
mod call;
mod check;
mod describe;
mod names;
mod options;
mod subscription;
mod types;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Expr, Type};

pub(crate) use self::call::arm;
pub(crate) use self::check::check;
pub(crate) use self::describe::row;
pub(crate) use self::names::Name;
pub(crate) use self::types::{error_of, is_result, owned};

/// One RPC method, checked.
pub(crate) struct Rpc {
    /// The user's method.
    pub(crate) ident: Ident,
    /// Its name, namespace included.
    pub(crate) name: Name,
    /// Its other names.
    pub(crate) aliases: Vec<Name>,
    /// The conditions on it.
    pub(crate) conditions: Vec<TokenStream>,
    /// Its documentation.
    pub(crate) doc: String,
    /// Why it is deprecated, if it is.
    pub(crate) deprecated: Option<String>,
    /// Whether it is awaited.
    pub(crate) is_async: bool,
    /// Whether it never returns.
    pub(crate) is_endless: bool,
    /// Whether it takes `&self`.
    pub(crate) has_receiver: bool,
    /// Whether it runs where it may block.
    pub(crate) is_blocking: bool,
    /// Whether it is meant to be called without an id.
    pub(crate) is_notification: bool,
    /// How its subscriptions end, if it makes them.
    pub(crate) subscription: Option<Subscription>,
    /// Whether listings leave it out.
    pub(crate) is_hidden: bool,
    /// The tier it belongs to.
    pub(crate) tier: Option<String>,
    /// How long a call may take, in milliseconds.
    pub(crate) timeout: Option<u64>,
    /// How params may be given.
    pub(crate) structure: Structure,
    /// Whether params that it does not know pass.
    pub(crate) is_lenient: bool,
    /// Its arguments behind the receiver, in order.
    pub(crate) arguments: Vec<Argument>,
    /// What it returns, with lifetimes left to inference; `None` is `()`.
    pub(crate) returned: Option<Type>,
    /// Where its ok type and its error type stand.
    pub(crate) output: (Span, Span),
}

/// What a method that subscribes has beyond others.
pub(crate) struct Subscription {
    /// The name of the method that ends one.
    pub(crate) unsubscribe: Name,
    /// What the stream gives, where that can be told from the signature.
    pub(crate) item: Option<Type>,
}

/// How params may be given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Structure {
    /// By name or by position.
    Either,
    /// In an object.
    Named,
    /// In an array.
    Positional,
}

/// One argument of an RPC method.
pub(crate) enum Argument {
    /// The call's context, by reference or as a copy.
    Context { owned: bool, place: Span },
    /// One param.
    Param(Box<Param>),
    /// All the params as one value.
    Whole(Box<Param>),
}

/// What is read into one argument.
pub(crate) struct Param {
    /// The user's name for it, if it has one.
    pub(crate) ident: Option<Ident>,
    /// Its name on the wire.
    pub(crate) name: String,
    /// Its other names.
    pub(crate) aliases: Vec<String>,
    /// Its documentation.
    pub(crate) doc: String,
    /// Its type, with lifetimes left to inference.
    pub(crate) ty: Type,
    /// Whether the value borrows from the params.
    pub(crate) is_borrowed: bool,
    /// Whether it may be left out.
    pub(crate) absence: Absence,
}

/// What happens when a param is left out.
pub(crate) enum Absence {
    /// The call is refused.
    Refused,
    /// It reads as `null`.
    Null,
    /// The type's `Default`.
    Default,
    /// An expression of the user.
    Expr(Box<Expr>),
}

impl Param {
    /// Returns whether it must be given.
    pub(crate) fn is_required(&self) -> bool {
        matches!(self.absence, Absence::Refused)
    }
}
