//! Names on the wire.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::LitStr;
use syn::ext::IdentExt;

use crate::errors::Errors;
use crate::node::options::{Case, Naming};

/// A method's name and where it was written.
#[derive(Clone)]
pub(crate) struct Name {
    /// The name on the wire.
    pub(crate) text: String,
    /// Where it was written.
    pub(crate) place: Span,
}

/// Makes a method's name from its option `name`, or else from its identifier.
pub(super) fn of_method(
    given: Option<&LitStr>,
    ident: &Ident,
    naming: &Naming,
    errors: &mut Errors,
) -> Name {
    let own = given.map_or_else(
        || naming.case.spell(&ident.unraw().to_string()),
        LitStr::value,
    );
    let place = given.map_or_else(|| ident.span(), LitStr::span);
    let text = format!("{}{own}", naming.prefix);
    match given {
        Some(given) => usable(given, &given.value(), &text, errors),
        None => usable(ident, &own, &text, errors),
    }
    Name { text, place }
}

/// Makes the name of what ends a subscription, from its own option or from the subscription's name:
/// `subscribe_heads` is ended by `unsubscribe_heads`, `heads` as well.
pub(super) fn of_end(
    given: Option<&LitStr>,
    name: Option<&LitStr>,
    ident: &Ident,
    naming: &Naming,
    errors: &mut Errors,
) -> Name {
    let subscription = name.map_or_else(
        || naming.case.spell(&ident.unraw().to_string()),
        LitStr::value,
    );
    let derived = || match subscription.strip_prefix("subscribe") {
        Some(_) => format!("un{subscription}"),
        None if naming.case == Case::Camel => {
            let mut letters = subscription.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            format!(
                "unsubscribe{}{}",
                first.collect::<String>(),
                letters.as_str()
            )
        }
        None => format!("unsubscribe_{subscription}"),
    };
    let own = given.map_or_else(derived, LitStr::value);
    let text = format!("{}{own}", naming.prefix);
    if let Some(given) = given {
        usable(given, &own, &text, errors);
    }
    Name {
        text,
        place: given.map_or_else(|| ident.span(), LitStr::span),
    }
}

/// Takes an alias as it is.
pub(super) fn of_alias(given: &LitStr, errors: &mut Errors) -> Name {
    let text = given.value();
    usable(given, &text, &text, errors);
    Name {
        text,
        place: given.span(),
    }
}

fn usable(place: impl ToTokens, own: &str, whole: &str, errors: &mut Errors) {
    if own.is_empty() || own.contains(char::is_whitespace) {
        errors.push(
            place,
            format!("`{own}` is not a usable RPC method name: it is empty or has a space in it"),
        );
    } else if whole.starts_with("rpc.") {
        errors.push(
            place,
            "method names that begin with `rpc.` are reserved by JSON-RPC 2.0",
        );
    }
}

/// Makes a param's name from its identifier; leading `_` only quiet the compiler.
pub(super) fn of_param(ident: &Ident, case: Case) -> String {
    let name = ident.unraw().to_string();
    case.spell(name.trim_start_matches('_'))
}
