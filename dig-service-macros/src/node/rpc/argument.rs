//! Whether an argument can be read from params.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Expr, FnArg, LitStr, Meta, Pat, PatType, Type};

use super::{Absence, Argument, Param, names, options, types};
use crate::errors::Errors;
use crate::node::options::Case;
use crate::node::signature;
use crate::spans;

/// Returns whether an attribute on an argument is ours to take off.
pub(super) fn is_own(attr: &Attribute) -> bool {
    let own = ["arg", "params", "ctx", "doc"];
    own.iter().any(|name| attr.path().is_ident(name))
}

/// Takes our attributes off the arguments.
pub(super) fn strip<'a>(inputs: impl Iterator<Item = &'a mut FnArg>) {
    for input in inputs {
        if let FnArg::Typed(argument) = input {
            argument.attrs.retain(|attr| !is_own(attr));
        }
    }
}

/// Checks one argument.
pub(super) fn check(argument: &PatType, case: Case, errors: &mut Errors) -> Option<Argument> {
    let before = errors.count();
    let find = |name: &str| {
        argument
            .attrs
            .iter()
            .find(|attr| attr.path().is_ident(name))
    };
    if let Some(cfg) = argument.attrs.iter().find(|attr| is_conditional(attr)) {
        let message = "a parameter of an `#[rpc]` method cannot be conditional; make two methods";
        errors.push(cfg, message);
    }
    let ty = types::bare(&argument.ty);
    if find("ctx").is_some() || types::is_context(ty) {
        let owned = !matches!(ty, Type::Reference(_));
        return Some(Argument::Context {
            owned,
            place: spans::first(ty),
        });
    }
    readable(ty, errors);
    let whole = find("params").is_some();
    let arg = find("arg").map_or_else(TokenStream::new, |attr| match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    });
    if let Some(arg) = find("arg").filter(|_| whole) {
        errors.push(
            arg,
            "`#[params]` takes the whole params object, which has no name or default",
        );
    }
    let arg = options::of_arg(arg, errors);
    let name = name(
        &argument.pat,
        whole,
        arg.string("name", errors).as_ref(),
        case,
        errors,
    );
    let aliases = arg
        .strings("alias", errors)
        .iter()
        .map(LitStr::value)
        .collect();
    let absence = match arg.get("default") {
        Some(given) => match given.expr() {
            Some(expr) => Absence::Expr(Box::new(expr.clone())),
            None => Absence::Default,
        },
        None if types::is_option(ty) => Absence::Null,
        None => Absence::Refused,
    };
    if errors.count() > before {
        return None;
    }
    let param = Box::new(Param {
        name: name?,
        aliases,
        doc: signature::documentation(&argument.attrs),
        is_borrowed: types::borrows(ty),
        ty: types::inferred(ty),
        absence,
    });
    Some(if whole {
        Argument::Whole(param)
    } else {
        Argument::Param(param)
    })
}

fn is_conditional(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr")
}

fn readable(ty: &Type, errors: &mut Errors) {
    match ty {
        Type::ImplTrait(_) => {
            errors.push(
                ty,
                "RPC parameters need a concrete type: `impl Trait` cannot be read from JSON",
            );
        }
        Type::Reference(reference) if reference.mutability.is_some() => {
            errors.push(ty, "RPC parameters cannot be `&mut`");
        }
        _ => {}
    }
}

fn name(
    pat: &Pat,
    whole: bool,
    given: Option<&LitStr>,
    case: Case,
    errors: &mut Errors,
) -> Option<String> {
    if let Some(given) = given {
        return Some(given.value());
    }
    match pat {
        // The whole params have no name of their own, so any pattern will do.
        _ if whole => Some(String::new()),
        Pat::Ident(ident) if ident.subpat.is_none() => {
            let name = names::of_param(&ident.ident, case);
            if name.is_empty() {
                nameless(&ident.ident, errors);
                return None;
            }
            Some(name)
        }
        Pat::Wild(wild) => {
            nameless(wild, errors);
            None
        }
        other => {
            let message = "RPC parameters need a plain name, because callers bind them by name; take the whole value and destructure it in the body";
            errors.push(other, message);
            None
        }
    }
}

fn nameless(pat: impl ToTokens, errors: &mut Errors) {
    let written = pat.to_token_stream().to_string();
    let message = format!(
        "a parameter named `{written}` has no name on the wire; write `_height` with `#[arg(name = \"height\")]`"
    );
    errors.push(pat, message);
}

/// Returns the expression of a default, if it is one.
pub(super) fn default_expr(absence: &Absence) -> Option<&Expr> {
    match absence {
        Absence::Expr(expr) => Some(expr),
        Absence::Refused | Absence::Null | Absence::Default => None,
    }
}
