//! Whether a method can be a piece of work.

use proc_macro2::TokenStream;

use super::options;
use super::{Begin, ChildName, Declared, Work, WorkKind};
use crate::errors::Errors;
use crate::krate::Krate;
use crate::node::hook;
use crate::node::roles::RoleAttr;
use crate::options::Options;
use crate::spans;
use crate::syntax::Method;

/// Checks a method marked as work.
pub(crate) fn check(
    (kind, krate): (WorkKind, &Krate),
    role: &RoleAttr,
    method: &Method,
    errors: &mut Errors,
) -> Option<Work> {
    let before = errors.count();
    let (name, keys) = (kind.name(), options::keys(kind));
    let private = krate.private(spans::generated());
    let given = Options::parse(name, keys, role.options.clone(), errors);
    let declared = match kind {
        WorkKind::Task => {
            let (begin, settings) = options::task(&given, (role.place(), &private), errors);
            child(&given, method, (begin, settings), errors)
        }
        WorkKind::Supervised => {
            let (begin, settings) = options::supervised(&given, &private, errors);
            child(&given, method, (begin, settings), errors)
        }
        WorkKind::Reload => Declared::Reload {
            order: options::order(&given, errors),
        },
    };
    let usage = match kind {
        WorkKind::Task | WorkKind::Supervised => Some("at most `&TaskContext`"),
        WorkKind::Reload => None,
    };
    let method = hook::checked((name, usage), role, method, errors)?;
    (errors.count() == before).then_some(Work { method, declared })
}

fn child(
    given: &Options,
    method: &Method,
    (begin, settings): (Begin, TokenStream),
    errors: &mut Errors,
) -> Declared {
    let name = match given.string("name", errors) {
        Some(text) => {
            let value = text.value();
            if value.trim().is_empty() || value.contains('/') {
                let message = format!(
                    "`{value}` is not a usable name for a child: it is blank or has a `/` in it"
                );
                errors.push(&text, message);
            }
            ChildName {
                text: value,
                place: text.span(),
            }
        }
        None => {
            let ident = &method.sig.ident;
            let text = ident.to_string();
            ChildName {
                text: text.trim_start_matches("r#").to_owned(),
                place: ident.span(),
            }
        }
    };
    Declared::Child {
        name,
        begin,
        settings,
    }
}
