//! Reads what the methods of a block do, and takes the role attributes off them.

use quote::ToTokens;
use syn::ReturnType;

use super::arguments;
use super::options::ProviderOptions;
use super::part::{Part, PartKind};
use crate::errors::Errors;
use crate::node::roles::{self, Role, RoleAttr};
use crate::node::signature;
use crate::options::Options;
use crate::spans;
use crate::syntax::{Block, Member, Method};

/// Collects the hooks of a block.
pub(crate) fn collect(
    block: &mut Block,
    options: &ProviderOptions,
    errors: &mut Errors,
) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for member in &mut block.members {
        match member {
            Member::Method(method) => {
                let Some(part) = read(method, options, errors) else {
                    continue;
                };
                let name = part.kind.name();
                if let Some(first) = parts.iter().find(|earlier| earlier.kind == part.kind) {
                    errors.push(
                        &part.ident,
                        format!("a second `#[{name}]` method; a provider has one"),
                    );
                    errors.push(
                        &first.ident,
                        format!("the first `#[{name}]` method is here"),
                    );
                } else {
                    parts.push(part);
                }
            }
            Member::Call(path, _) => {
                errors.push(path, "macro calls are not allowed in a `#[provider]` impl: methods they would make cannot be seen here; move the call to a separate `impl` block");
            }
            Member::Other(_) => {}
        }
    }
    check_reload(&parts, errors);
    check_options(&parts, options, errors);
    parts
}

fn read(method: &mut Method, options: &ProviderOptions, errors: &mut Errors) -> Option<Part> {
    let mut found = roles::take(&mut method.attrs, &options.krate, &Role::OF_PROVIDER).into_iter();
    let role = found.next()?;
    let Role::Part(kind) = role.role else {
        return None;
    };
    if let Some(second) = found.next() {
        let (first, other) = (kind.name(), second.role.name());
        let message = if first == other {
            format!("`#[{first}]` is given twice")
        } else {
            format!("one method cannot be both `#[{first}]` and `#[{other}]`")
        };
        errors.push(&second.written, message);
        return None;
    }
    check(kind, &role, method, errors)
}

fn check(kind: PartKind, role: &RoleAttr, method: &Method, errors: &mut Errors) -> Option<Part> {
    let before = errors.count();
    let (name, sig) = (kind.name(), &method.sig);
    Options::parse(name, &[], role.options.clone(), errors);
    signature::plain(name, sig, errors);
    signature::borrows_self(name, sig, errors);
    if sig.receiver().is_none() {
        errors.push(&sig.ident, format!("`#[{name}]` methods take `&self`"));
    }
    if let (PartKind::Validate, Some(token)) = (kind, &sig.asyncness) {
        errors.push(token, "`#[validate]` methods are not `async`: all is there by then; do what has to be awaited in `#[boot]`");
    }
    let arguments = arguments::read(kind, sig, errors);
    if errors.count() > before {
        return None;
    }
    let mut conditions = roles::conditions(&method.attrs);
    conditions.extend(role.conditions.iter().cloned());
    Some(Part {
        kind,
        ident: sig.ident.clone(),
        conditions,
        is_async: sig.asyncness.is_some(),
        arguments,
        output: match &sig.output {
            ReturnType::Default => sig.ident.span(),
            ReturnType::Type(_, ty) => spans::first(ty.to_token_stream()),
        },
    })
}

/// Without `#[reload]` nothing calls the others.
fn check_reload(parts: &[Part], errors: &mut Errors) {
    if parts.iter().any(|part| part.kind == PartKind::Reload) {
        return;
    }
    for part in parts {
        if let PartKind::Prepare | PartKind::Revert = part.kind {
            let name = part.kind.name();
            errors.push(
                &part.ident,
                format!("`#[{name}]` belongs to a `#[reload]` method, and there is none"),
            );
        }
    }
}

/// Without their method, they would be settings of nothing.
fn check_options(parts: &[Part], options: &ProviderOptions, errors: &mut Errors) {
    for (option, kinds) in &options.of_parts {
        if parts.iter().any(|part| kinds.contains(&part.kind)) {
            continue;
        }
        let names: Vec<_> = kinds
            .iter()
            .map(|kind| format!("`#[{}]`", kind.name()))
            .collect();
        let needed = names.join(" or ");
        errors.push(
            option,
            format!("`{option}` belongs to a {needed} method, and there is none"),
        );
    }
}
