//! Whether an argument can be read from params.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, FnArg, LitStr, Meta, Pat, PatType, Type, TypeReference};

use super::{Absence, Argument, Param, names, options, types};
use crate::errors::Errors;
use crate::node::options::Case;
use crate::node::signature;
use crate::options::Given;
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
    marks(argument, errors);
    let ty = types::bare(&argument.ty);
    if find(argument, "ctx").is_some() || types::is_context(ty) {
        for name in ["arg", "params"] {
            if let Some(attr) = find(argument, name) {
                let message = format!("`#[{name}]` means nothing here: the context is not a param");
                errors.push(attr, message);
            }
        }
        let owned = !matches!(ty, Type::Reference(_));
        let place = spans::first(ty);
        return Some(Argument::Context { owned, place });
    }
    readable(ty, errors);
    let param = Box::new(param(argument, ty, case, errors)?);
    let is_whole = find(argument, "params").is_some();
    (errors.count() == before).then(|| match is_whole {
        true => Argument::Whole(param),
        false => Argument::Param(param),
    })
}

/// Refuses attributes that cannot stand on an argument, or not in this form.
fn marks(argument: &PatType, errors: &mut Errors) {
    for attr in &argument.attrs {
        if is_conditional(attr) {
            let message =
                "a parameter of an `#[rpc]` method cannot be conditional; make two methods";
            errors.push(attr, message);
        }
        for name in ["params", "ctx"] {
            if attr.path().is_ident(name) && !matches!(attr.meta, Meta::Path(_)) {
                errors.push(attr, format!("`#[{name}]` takes no options"));
            }
        }
        if attr.path().is_ident("arg") && !matches!(attr.meta, Meta::List(_)) {
            let message = "`#[arg]` needs options, as in `#[arg(name = \"height\")]`";
            errors.push(attr, message);
        }
    }
}

/// Returns the options of all `#[arg(..)]`, which are read as one.
fn arg_options(argument: &PatType) -> TokenStream {
    let args = argument
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("arg"));
    let lists = args.filter_map(|attr| match &attr.meta {
        Meta::List(list) => Some(&list.tokens),
        Meta::Path(_) | Meta::NameValue(_) => None,
    });
    lists.map(|tokens| quote!(#tokens,)).collect()
}

fn find<'a>(argument: &'a PatType, name: &str) -> Option<&'a Attribute> {
    let mut attrs = argument.attrs.iter();
    attrs.find(|attr| attr.path().is_ident(name))
}

fn param(argument: &PatType, ty: &Type, case: Case, errors: &mut Errors) -> Option<Param> {
    let is_whole = find(argument, "params").is_some();
    let written = find(argument, "arg");
    if let Some(written) = written.filter(|_| is_whole) {
        let message = "`#[params]` takes the whole params object, which has no name or default";
        errors.push(written, message);
    }
    let options = options::of_arg(arg_options(argument), errors);
    let given = options.string("name", errors);
    let name = name(&argument.pat, is_whole, given.as_ref(), case, errors);
    let aliases = options.strings("alias", errors);
    for alias in &aliases {
        usable(alias, errors);
    }
    let absence = match options.get("default").map(Given::expr) {
        Some(Some(expr)) => Absence::Expr(Box::new(expr.clone())),
        Some(None) => Absence::Default,
        None if types::is_option(ty) => Absence::Null,
        None => Absence::Refused,
    };
    let ident = match &*argument.pat {
        Pat::Ident(pat) => Some(pat.ident.clone()),
        _ => None,
    };
    Some(Param {
        ident,
        name: name?,
        aliases: aliases.iter().map(LitStr::value).collect(),
        doc: signature::documentation(&argument.attrs),
        is_borrowed: types::borrows(ty),
        ty: types::inferred(ty),
        absence,
    })
}

fn is_conditional(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr")
}

fn is_static(reference: &TypeReference) -> bool {
    let mut lifetime = reference.lifetime.iter();
    lifetime.any(|lifetime| lifetime.ident == "static")
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
        Type::Reference(reference) if is_static(reference) => {
            errors.push(
                ty,
                "RPC parameters borrow from the call, which is not `'static`; leave the lifetime out, or take an owned value",
            );
        }
        _ => {
            if let Some(bytes) = types::borrowed_bytes(ty) {
                errors.push(
                    bytes,
                    "RPC parameters cannot be `&[u8]`: JSON has no bytes to borrow; take `Vec<u8>`, an array of numbers, or `&str`, a text",
                );
            }
        }
    }
}

fn name(
    pat: &Pat,
    is_whole: bool,
    given: Option<&LitStr>,
    case: Case,
    errors: &mut Errors,
) -> Option<String> {
    if let Some(given) = given {
        usable(given, errors);
        return Some(given.value());
    }
    match pat {
        // The whole params have no name of their own, so any pattern will do.
        _ if is_whole => Some(String::new()),
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

fn usable(given: &LitStr, errors: &mut Errors) {
    let name = given.value();
    if name.is_empty() || name.contains(char::is_whitespace) {
        let message =
            format!("`{name}` is not a usable param name: it is empty or has a space in it");
        errors.push(given, message);
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
