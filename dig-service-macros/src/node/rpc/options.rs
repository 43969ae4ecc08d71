//! The options of `#[rpc(..)]` and `#[arg(..)]`.

use proc_macro2::TokenStream;
use syn::LitStr;

use super::Structure;
use crate::errors::Errors;
use crate::options::{Key, Options};

const RPC: &[Key] = &[
    Key::value("name", "\"get_block\""),
    Key::value("alias", "\"get\"").repeated(),
    Key::value("params", "\"named\""),
    Key::flag("lenient"),
    Key::flag("blocking"),
    Key::flag("hidden"),
    Key::flag("notification"),
    Key::flag("subscription"),
    Key::value("unsubscribe", "\"unsubscribe_heads\""),
    Key::value("tier", "\"control\""),
    Key::value("timeout", "\"5s\""),
];

const ARG: &[Key] = &[
    Key::value("name", "\"height\""),
    Key::value("alias", "\"h\"").repeated(),
    Key::flag_or_value("default"),
];

/// Reads the options of `#[rpc(..)]`.
pub(super) fn of_rpc(tokens: TokenStream, errors: &mut Errors) -> Options {
    Options::parse("rpc", RPC, tokens, errors)
}

/// Reads the options of `#[arg(..)]`.
pub(super) fn of_arg(tokens: TokenStream, errors: &mut Errors) -> Options {
    Options::parse("arg", ARG, tokens, errors)
}

/// Reads `params = ".."`.
pub(super) fn structure(given: Option<&LitStr>, errors: &mut Errors) -> Structure {
    let Some(given) = given else {
        return Structure::Either;
    };
    match given.value().as_str() {
        "either" => Structure::Either,
        "named" => Structure::Named,
        "positional" => Structure::Positional,
        other => {
            let message =
                format!("unknown params `{other}`; use `either`, `named` or `positional`");
            errors.push(given, message);
            Structure::Either
        }
    }
}
