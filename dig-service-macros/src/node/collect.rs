//! Reads what the methods of a block do, and takes the role attributes off them.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::LitStr;

use super::hook::{self, Hook};
use super::model::{Behaviour, Discover};
use super::options::NodeOptions;
use super::roles::{self, Role, RoleAttr};
use super::rpc::{self, Name, Rpc};
use super::signature;
use super::work::{self, Work};
use crate::errors::Errors;
use crate::syntax::{Block, Member, Method};

/// Collects the roles of a block.
pub(crate) fn collect(block: &mut Block, options: &NodeOptions, errors: &mut Errors) -> Behaviour {
    let mut behaviour = Behaviour {
        has_admin: options.has_admin && !options.lifecycle_only,
        discover: discover(block, options),
        has_schemas: options.has_discover,
        groups: options.groups.clone(),
        ..Behaviour::default()
    };
    for member in &mut block.members {
        match member {
            Member::Method(method) => read(method, options, &mut behaviour, errors),
            Member::Call(path, _) => {
                let attribute = options.attribute;
                errors.push(path, format!("macro calls are not allowed in a `#[{attribute}]` impl: methods they would make cannot be seen here; move the call to a separate `impl` block"));
            }
            Member::Other(_) => {}
        }
    }
    behaviour
}

fn discover(block: &Block, options: &NodeOptions) -> Option<Discover> {
    let is_group = options.group.is_some();
    let is_wanted = options.has_discover && !options.lifecycle_only && !is_group;
    is_wanted.then(|| {
        let ty = block.type_path().and_then(|path| path.segments.last());
        let ty = || ty.map_or_else(String::new, |last| last.ident.to_string());
        let name = options.name.as_ref();
        Discover {
            title: name.map_or_else(ty, LitStr::value),
            doc: signature::documentation(&block.attrs),
        }
    })
}

fn read(
    method: &mut Method,
    options: &NodeOptions,
    behaviour: &mut Behaviour,
    errors: &mut Errors,
) {
    let mut found = roles::take(&mut method.attrs, &options.krate, &Role::OF_NODE).into_iter();
    let Some(role) = found.next() else {
        return;
    };
    let second = found.next();
    if let Some(second) = &second {
        errors.push(&second.written, two_roles(role.role, second.role));
    }
    let misplaced = misplaced(&role, options, errors);
    match role.role {
        Role::Rpc => {
            let rpc = rpc::check(&role, method, &options.naming, errors);
            if let Some(rpc) = rpc.filter(|_| second.is_none() && !misplaced) {
                admit_rpc(rpc, behaviour, errors);
            }
        }
        Role::Hook(kind) => {
            let hook = hook::check(kind, &role, method, errors);
            if let Some(hook) = hook.filter(|_| second.is_none() && !misplaced) {
                admit_hook(hook, behaviour, errors);
            }
        }
        Role::Work(kind) => {
            let work = work::check((kind, &options.krate), &role, method, errors);
            if let Some(work) = work.filter(|_| second.is_none() && !misplaced) {
                admit_work(work, behaviour, errors);
            }
        }
        // Not among those that were looked for.
        Role::Part(_) => {}
    }
}

fn two_roles(first: Role, second: Role) -> String {
    let (first, second) = (first.name(), second.name());
    if first == second {
        return format!("`#[{first}]` is given twice");
    }
    format!("one method cannot be both `#[{first}]` and `#[{second}]`")
}

fn misplaced(role: &RoleAttr, options: &NodeOptions, errors: &mut Errors) -> bool {
    let excluding = match role.role {
        Role::Rpc if options.lifecycle_only => "lifecycle_only",
        Role::Hook(_) | Role::Work(_) if options.group.is_some() => {
            let name = role.role.name();
            errors.push(&role.written, format!("`#[{name}]` means nothing in an `#[rpc_group]`; put the method into the block marked `#[dig_service::node]` or `#[dig_service::methods]`"));
            return true;
        }
        Role::Hook(_) | Role::Work(_) if options.rpc_only => "rpc_only",
        _ => return false,
    };
    let name = role.role.name();
    errors.push(
        &role.written,
        format!("`#[{name}]` means nothing in a node that is `{excluding}`"),
    );
    true
}

fn admit_hook(mut hook: Hook, behaviour: &mut Behaviour, errors: &mut Errors) {
    let name = hook.kind.name();
    let second = format!("a second `#[{name}]` method; a node has one");
    let twins = behaviour.hooks.iter();
    for twin in twins.filter(|earlier| earlier.kind == hook.kind) {
        if !are_exclusive(&twin.method.conditions, &hook.method.conditions) {
            errors.push(&hook.method.ident, &second);
            errors.push(
                &twin.method.ident,
                format!("the first `#[{name}]` method is here"),
            );
            return;
        }
        let error = on_both(
            &twin.method.conditions,
            &hook.method.conditions,
            hook.method.ident.span(),
            &second,
        );
        behaviour.conditional_errors.extend(error);
        hook.method
            .conditions
            .push(without(&twin.method.conditions));
    }
    behaviour.hooks.push(hook);
}

fn admit_work(mut work: Work, behaviour: &mut Behaviour, errors: &mut Errors) {
    let Some(name) = work.child_name() else {
        return behaviour.works.push(work);
    };
    let twins = behaviour.works.iter();
    let twins = twins.filter(|twin| {
        twin.child_name()
            .is_some_and(|other| other.text == name.text)
    });
    let mut more = Vec::new();
    for twin in twins {
        let message = format!("two children are called `{}`", name.text);
        if !are_exclusive(&twin.method.conditions, &work.method.conditions) {
            errors.push_error(syn::Error::new(name.place, message));
            if let Some(first) = twin.child_name() {
                let message = format!("the first `{}` is here", first.text);
                errors.push_error(syn::Error::new(first.place, message));
            }
            return;
        }
        let conditions = (&twin.method.conditions, &work.method.conditions);
        let error = on_both(conditions.0, conditions.1, name.place, &message);
        behaviour.conditional_errors.extend(error);
        more.push(without(&twin.method.conditions));
    }
    work.method.conditions.extend(more);
    behaviour.works.push(work);
}

fn admit_rpc(mut rpc: Rpc, behaviour: &mut Behaviour, errors: &mut Errors) {
    let before = errors.count();
    let names: Vec<Name> = rpc.claims().cloned().collect();
    let reserved = names.iter().filter(|name| name.text.starts_with("admin."));
    for name in reserved.filter(|_| behaviour.has_admin) {
        let message = format!(
            "`{}` is among the names that `admin` adds to the node",
            name.text
        );
        errors.push_error(syn::Error::new(name.place, message));
    }
    for (index, name) in names.iter().enumerate() {
        if let Some(own) = names[..index].iter().find(|own| own.text == name.text) {
            defined_twice(name, own, errors);
        }
        for earlier in &behaviour.rpcs {
            let Some(other) = earlier.claims().find(|other| other.text == name.text) else {
                continue;
            };
            if !are_exclusive(&earlier.conditions, &rpc.conditions) {
                defined_twice(name, other, errors);
                continue;
            }
            let message = format!("RPC method `{}` is defined twice", name.text);
            let error = on_both(&earlier.conditions, &rpc.conditions, name.place, &message);
            behaviour.conditional_errors.extend(error);
            rpc.conditions.push(without(&earlier.conditions));
        }
    }
    if errors.count() == before {
        behaviour.rpcs.push(rpc);
    }
}

fn defined_twice(name: &Name, first: &Name, errors: &mut Errors) {
    let text = &name.text;
    errors.push_error(syn::Error::new(
        name.place,
        format!("RPC method `{text}` is defined twice"),
    ));
    errors.push_error(syn::Error::new(
        first.place,
        format!("`{text}` is first defined here"),
    ));
}

/// Two methods may share a name or a hook if conditions can keep them apart; whether they do, only
/// the compiler knows.
fn are_exclusive(first: &[TokenStream], second: &[TokenStream]) -> bool {
    !first.is_empty() && !second.is_empty()
}

/// Writes an error that holds if the conditions do not keep two methods apart.
fn on_both(
    first: &[TokenStream],
    second: &[TokenStream],
    place: Span,
    message: &str,
) -> TokenStream {
    let error = syn::Error::new(place, message).to_compile_error();
    quote!(#[cfg(all(#(#first,)* #(#second),*))] #error)
}

/// Lets the second of two methods go, so that nothing is said beyond that error.
fn without(first: &[TokenStream]) -> TokenStream {
    quote!(not(all(#(#first),*)))
}
