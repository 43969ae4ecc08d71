//! Whether a method can answer RPC calls.

use syn::{FnArg, LitStr, ReturnType, Signature, Type};

use super::{Argument, Rpc, Structure, argument, names, options, subscription, types};
use crate::duration;
use crate::errors::Errors;
use crate::node::options::{Case, Naming};
use crate::node::roles::{self, RoleAttr};
use crate::node::signature;
use crate::options::Options;
use crate::syntax::Method;

/// Checks a method marked `#[rpc]` and takes our attributes off its arguments.
pub(crate) fn check(
    role: &RoleAttr,
    method: &mut Method,
    naming: &Naming,
    errors: &mut Errors,
) -> Option<Rpc> {
    let before = errors.count();
    let options = options::of_rpc(role.options.clone(), errors);
    let sig = &method.sig;
    let given = options.string("name", errors);
    let name = names::of_method(given.as_ref(), &sig.ident, naming, errors);
    let aliases = options.strings("alias", errors);
    let aliases = aliases
        .iter()
        .map(|alias| names::of_alias(alias, errors))
        .collect();
    let structure = options::structure(options.string("params", errors).as_ref(), errors);
    signature::plain("rpc", sig, errors);
    signature::borrows_self("rpc", sig, errors);
    let blocking = options.get("blocking").filter(|_| options.flag("blocking"));
    if let Some(given) = blocking.filter(|_| sig.asyncness.is_some()) {
        let message = "`blocking` is for sync methods, and this one is `async`";
        errors.push(&given.key, message);
    }
    let notification = options.get("notification");
    let notification = notification.filter(|_| options.flag("notification"));
    if let Some(given) = notification.filter(|_| !is_unit(&sig.output)) {
        let message = "`notification` methods return nothing, as nobody waits for an answer";
        errors.push(&given.key, message);
    }
    let subscription = subscription::check(&options, sig, naming, errors);
    let tier = tier_of(&options, errors);
    let timeout = options.string("timeout", errors);
    let timeout = timeout.and_then(|text| timeout_of(&text, sig, errors));
    let arguments = arguments(sig, naming.case, structure, errors);
    let checked = (errors.count() == before).then(|| {
        let mut conditions = roles::conditions(&method.attrs);
        conditions.extend(role.conditions.iter().cloned());
        Rpc {
            ident: sig.ident.clone(),
            name,
            aliases,
            conditions,
            doc: signature::documentation(&method.attrs),
            deprecated: signature::deprecation(&method.attrs),
            is_async: sig.asyncness.is_some(),
            is_endless: signature::is_endless(&sig.output),
            has_receiver: sig.receiver().is_some(),
            is_blocking: options.flag("blocking"),
            is_notification: options.flag("notification"),
            subscription,
            is_hidden: options.flag("hidden"),
            tier,
            timeout,
            structure,
            is_lenient: options.flag("lenient"),
            arguments,
            returned: types::returned(&sig.output),
            output: types::output(&sig.output, sig.ident.span()),
        }
    });
    argument::strip(method.sig.inputs.iter_mut());
    checked
}

pub(super) fn is_unit(output: &ReturnType) -> bool {
    match output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()),
    }
}

fn tier_of(options: &Options, errors: &mut Errors) -> Option<String> {
    let given = options.string("tier", errors)?;
    let tier = given.value();
    if tier.trim().is_empty() {
        errors.push(
            given,
            "`tier` is empty; name it, as in `tier = \"control\"`",
        );
    }
    Some(tier)
}

/// Reads `timeout = ".."`, in milliseconds.
fn timeout_of(text: &LitStr, sig: &Signature, errors: &mut Errors) -> Option<u64> {
    if sig.asyncness.is_none() {
        let message = "`timeout` is for `async` methods: nothing can end this one while it runs";
        errors.push(text, message);
    }
    duration::positive(text, "`timeout`", errors)
}

fn arguments(
    sig: &Signature,
    case: Case,
    structure: Structure,
    errors: &mut Errors,
) -> Vec<Argument> {
    let typed = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Receiver(_) => None,
        FnArg::Typed(argument) => Some(argument),
    });
    let mut arguments = Vec::new();
    let mut optional: Option<String> = None;
    let mut wholes = Vec::new();
    let mut params = 0;
    for input in typed {
        let Some(argument) = argument::check(input, case, errors) else {
            params += 1;
            continue;
        };
        match &argument {
            Argument::Context { .. } => {}
            Argument::Whole(_) => wholes.push(input),
            Argument::Param(param) => {
                params += 1;
                match &optional {
                    Some(optional) if param.is_required() && structure != Structure::Named => {
                        let name = &param.name;
                        errors.push(&input.pat, format!("required parameter `{name}` follows optional `{optional}`, so callers by position cannot leave `{optional}` out; reorder them or set `params = \"named\"`"));
                    }
                    None if !param.is_required() => optional = Some(param.name.clone()),
                    _ => {}
                }
            }
        }
        arguments.push(argument);
    }
    if wholes.len() + params > 1 {
        for whole in wholes {
            errors.push(&whole.ty, "`#[params]` takes the whole params object, so this method can have no other parameter");
        }
    }
    unique(sig, &arguments, errors);
    arguments
}

/// Refuses a second context and a param's name that is used twice.
fn unique(sig: &Signature, arguments: &[Argument], errors: &mut Errors) {
    let contexts = arguments
        .iter()
        .filter(|argument| matches!(argument, Argument::Context { .. }));
    if contexts.count() > 1 {
        errors.push(&sig.ident, "a method takes `RpcContext` once");
    }
    let mut seen: Vec<&str> = Vec::new();
    for argument in arguments {
        let Argument::Param(param) = argument else {
            continue;
        };
        for name in std::iter::once(&param.name).chain(&param.aliases) {
            if seen.contains(&name.as_str()) {
                errors.push(
                    &sig.ident,
                    format!("two params of this method are called `{name}`"),
                );
            }
            seen.push(name);
        }
    }
}
