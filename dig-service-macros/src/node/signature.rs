//! Rules that hold for every method with a role.

use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprLit, GenericParam, Lit, Meta, Receiver, ReceiverKind, ReturnType, Safety,
    Signature, Type,
};

use crate::errors::Errors;

/// Refuses type parameters and qualifiers other than `async`.
pub(crate) fn plain(role: &str, sig: &Signature, errors: &mut Errors) {
    let cannot = |what: &str| format!("`#[{role}]` methods cannot {what}");
    if let Some(token) = &sig.constness {
        errors.push(token, cannot("be `const`"));
    }
    if let Safety::Safe(_) | Safety::Unsafe(_) = &sig.safety {
        errors.push(
            &sig.safety,
            cannot(&format!("be `{}`", sig.safety.to_token_stream())),
        );
    }
    if let Some(abi) = &sig.abi {
        errors.push(abi, cannot("have an ABI"));
    }
    for parameter in &sig.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            let message = "have type or const parameters; put them on the `impl` block";
            errors.push(parameter, cannot(message));
        }
    }
}

/// Refuses every receiver but `&self`.
pub(crate) fn borrows_self(role: &str, sig: &Signature, errors: &mut Errors) {
    let Some(receiver) = sig.receiver() else {
        return;
    };
    let message = format!("`#[{role}]` methods take `&self`");
    match receiver_kind(receiver) {
        Borrow::Shared => {}
        Borrow::Exclusive => {
            let beside = if role == "rpc" {
                "calls run side by side"
            } else {
                "calls and tasks run beside it"
            };
            let remedy = "keep changing state in a `Mutex`, an `RwLock` or an atomic";
            errors.push(receiver, format!("{message}, because {beside}; {remedy}"));
        }
        Borrow::Other => errors.push(receiver, message),
    }
}

enum Borrow {
    Shared,
    Exclusive,
    Other,
}

fn receiver_kind(receiver: &Receiver) -> Borrow {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, None) => Borrow::Shared,
        ReceiverKind::Reference(_, _, Some(_)) => Borrow::Exclusive,
        _ => Borrow::Other,
    }
}

/// Returns whether the return type is `!`.
pub(crate) fn is_endless(output: &ReturnType) -> bool {
    matches!(output, ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)))
}

/// Returns the reason in `#[deprecated]`, or `""`; `None` without the attribute.
pub(crate) fn deprecation(attrs: &[Attribute]) -> Option<String> {
    let attr = attrs
        .iter()
        .find(|attr| attr.path().is_ident("deprecated"))?;
    let mut reason = String::new();
    match &attr.meta {
        Meta::NameValue(pair) => reason = text(&pair.value).unwrap_or_default(),
        Meta::List(_) => {
            // What is wrong in there, the compiler says.
            let _ = attr.parse_nested_meta(|meta| {
                let value: Expr = meta.value()?.parse()?;
                if meta.path.is_ident("note") {
                    reason = text(&value).unwrap_or_default();
                }
                Ok(())
            });
        }
        Meta::Path(_) => {}
    }
    Some(reason)
}

/// Returns the documentation, lines joined, without the space after `///`.
pub(crate) fn documentation(attrs: &[Attribute]) -> String {
    let docs = attrs.iter().filter(|attr| attr.path().is_ident("doc"));
    let lines = docs.filter_map(|attr| match &attr.meta {
        Meta::NameValue(pair) => text(&pair.value),
        _ => None,
    });
    let lines: Vec<String> = lines
        .map(|line| {
            line.strip_prefix(' ')
                .unwrap_or(&line)
                .trim_end()
                .to_owned()
        })
        .collect();
    lines.join("\n").trim().to_owned()
}

fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}
