use quote::quote;

use super::suggest::{distance, nearest};
use super::{Key, Options};
use crate::errors::Errors;

const KEYS: &[Key] = &[
    Key::value("name", "\"get_block\""),
    Key::value("alias", "\"say\"").repeated(),
    Key::flag("blocking"),
    Key::list("bounds", "S: Store"),
];

fn complaints(tokens: proc_macro2::TokenStream) -> Vec<String> {
    let mut errors = Errors::default();
    let options = Options::parse("rpc", KEYS, tokens, &mut errors);
    options.string("name", &mut errors);
    options.strings("alias", &mut errors);
    errors.messages()
}

#[test]
fn every_misuse_has_its_message() {
    let table = [
        (
            quote!(nmae = "x"),
            vec!["unknown option `nmae` in `#[rpc]`; did you mean `name`?"],
        ),
        (
            quote!(colour = "x"),
            vec![
                "unknown option `colour` in `#[rpc]`; expected one of: `name`, `alias`, `blocking`, `bounds`",
            ],
        ),
        (
            quote!(name = "a", name = "b"),
            vec!["`name` is given twice", "`name` is first given here"],
        ),
        (
            quote!(name = 5),
            vec!["`name` expects a string, as in `name = \"get_block\"`"],
        ),
        (
            quote!(name),
            vec!["`name` needs a value, as in `name = \"get_block\"`"],
        ),
        (
            quote!(blocking = "yes"),
            vec!["`blocking` is a flag: write `blocking` alone or `blocking = false`"],
        ),
        (
            quote!(bounds = 1),
            vec!["`bounds` needs a list, as in `bounds(S: Store)`"],
        ),
        (quote!("x"), vec!["expected the name of an option"]),
        (
            quote!(name = "a", alias = "b", alias = "c", blocking = false, bounds(S: T),),
            vec![],
        ),
    ];

    for (tokens, expected) in table {
        assert_eq!(complaints(tokens.clone()), expected, "{tokens}");
    }
}

#[test]
fn one_bad_option_does_not_hide_the_next() {
    assert_eq!(complaints(quote!(colour = 1, nmae = 2, name = 3)).len(), 3);
}

#[test]
fn a_swap_of_neighbours_counts_once() {
    assert_eq!(distance("nmae", "name"), 1);
    assert_eq!(
        nearest("seperator", ["name", "separator"].into_iter()),
        Some("separator")
    );
    assert_eq!(nearest("colour", ["name", "alias"].into_iter()), None);
}
