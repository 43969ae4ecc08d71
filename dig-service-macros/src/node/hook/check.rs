//! Whether a method can be a hook.

use quote::ToTokens;
use syn::{FnArg, ReturnType};

use super::{Hook, HookKind, UserMethod};
use crate::errors::Errors;
use crate::node::roles::{self, RoleAttr};
use crate::node::signature;
use crate::options::Options;
use crate::spans;
use crate::syntax::Method;

/// Checks a method marked as a hook.
pub(crate) fn check(
    kind: HookKind,
    role: &RoleAttr,
    method: &Method,
    errors: &mut Errors,
) -> Option<Hook> {
    let before = errors.count();
    Options::parse(kind.name(), &[], role.options.clone(), errors);
    let usage = format!("at most `{}`", kind.context().usage());
    let method = checked((kind.name(), Some(&usage)), role, method, errors)?;
    (errors.count() == before).then_some(Hook { kind, method })
}

/// Checks the signature of a method that is called with its context at most; one without a `usage`
/// takes none.
pub(crate) fn checked(
    (name, usage): (&str, Option<&str>),
    role: &RoleAttr,
    method: &Method,
    errors: &mut Errors,
) -> Option<UserMethod> {
    let (before, sig) = (errors.count(), &method.sig);
    signature::plain(name, sig, errors);
    signature::borrows_self(name, sig, errors);
    if sig.receiver().is_none() {
        errors.push(&sig.ident, format!("`#[{name}]` methods take `&self`"));
    }
    let mut arguments = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Receiver(_) => None,
        FnArg::Typed(argument) => Some(argument),
    });
    let context = usage.and_then(|_| arguments.next());
    for extra in arguments {
        let usage = usage.unwrap_or("nothing else");
        errors.push(
            extra,
            format!("`#[{name}]` methods take `&self` and {usage}"),
        );
    }
    if errors.count() > before {
        return None;
    }
    let mut conditions = roles::conditions(&method.attrs);
    conditions.extend(role.conditions.iter().cloned());
    Some(UserMethod {
        ident: sig.ident.clone(),
        conditions,
        is_deprecated: signature::deprecation(&method.attrs).is_some(),
        is_async: sig.asyncness.is_some(),
        context: context.map(|argument| spans::first(&argument.ty)),
        is_endless: signature::is_endless(&sig.output),
        output: match &sig.output {
            ReturnType::Default => sig.ident.span(),
            ReturnType::Type(_, ty) => spans::first(ty.to_token_stream()),
        },
    })
}
