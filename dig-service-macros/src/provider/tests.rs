use quote::quote;

use super::*;

/// The texts of an expansion's errors.
fn errors(options: TokenStream, item: TokenStream) -> Vec<String> {
    let expanded = expand(options, item).to_string();
    let parts = expanded.split("compile_error ! {").skip(1);
    let text = |part: &str| part.split('"').nth(1).unwrap_or_default().to_owned();
    parts.map(text).collect()
}

#[test]
fn provider_without_roles_is_one_with_defaults() {
    let expanded = expand(quote!(), quote!(impl Store {})).to_string();
    assert!(expanded.contains("Provider < () > for Store"), "{expanded}");
    assert!(!expanded.contains("Reloadable") && !expanded.contains("Runnable"));
}

#[test]
fn misuse_is_told_one_message_per_mistake() {
    let table = [
        (
            quote!(
                struct Store;
            ),
            "goes on an inherent `impl` block, not on `struct`",
        ),
        (
            quote!(
                fn store() {}
            ),
            "goes on an inherent `impl` block, not on `fn`",
        ),
        (
            quote!(impl Clone for Store {}),
            "needs an inherent `impl` block",
        ),
        (
            quote!(impl Store { #[validate] async fn check(&self) {} }),
            "`#[validate]` methods are not `async`",
        ),
        (
            quote!(impl Store { #[boot] fn open(&self, port: u16) {} }),
            "`#[boot]` methods take `&self` and at most",
        ),
        (
            quote!(impl Store { #[shutdown] fn close(self) {} }),
            "`#[shutdown]` methods take `&self`",
        ),
        (
            quote!(impl Store { #[run] async fn serve(&self, state: &State) {} }),
            "at most the state by value",
        ),
        (
            quote!(impl Store { #[prepare] fn read(&self) {} }),
            "belongs to a `#[reload]` method",
        ),
        (
            quote!(impl Store { #[boot] #[run] fn both(&self) {} }),
            "cannot be both `#[boot]` and `#[run]`",
        ),
        (
            quote!(impl Store { #[boot] #[boot] fn twice(&self) {} }),
            "`#[boot]` is given twice",
        ),
    ];
    for (item, expected) in table {
        let found = errors(quote!(), item);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(expected), "{found:?}");
    }
}

#[test]
fn options_are_checked() {
    let table = [
        (
            quote!(restart = "sometimes"),
            "unknown restart policy `sometimes`",
        ),
        (quote!(boot_timeout = "10"), "add a unit"),
        (quote!(nmae = "store"), "did you mean `name`?"),
        (
            quote!(shutdown_timeout = "0s"),
            "`shutdown_timeout` must be longer than zero",
        ),
    ];
    for (options, expected) in table {
        let all = quote!(impl Store { #[boot] fn b(&self) {} #[shutdown] fn s(&self) {} #[run] fn r(&self) {} });
        let found = errors(options, all);
        assert!(found.len() == 1 && found[0].contains(expected), "{found:?}");
    }
}

#[test]
fn second_method_of_a_kind_is_refused() {
    let block = quote!(impl Store { #[boot] fn a(&self) {} #[boot] fn b(&self) {} });
    let found = errors(quote!(), block);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("a second `#[boot]` method"));
}

#[test]
fn option_of_a_hook_needs_the_hook() {
    let table = [
        (quote!(run_priority = 1), "run", quote!(#[run])),
        (quote!(restart = "always"), "run", quote!(#[run])),
        (quote!(reload_priority = 1), "reload", quote!(#[reload])),
        (quote!(boot_timeout = "1s"), "boot", quote!(#[boot])),
        (quote!(boot_timeout = "1s"), "reload", quote!(#[reload])),
        (
            quote!(shutdown_timeout = "1s"),
            "shutdown",
            quote!(#[shutdown]),
        ),
    ];
    for (option, hook, attribute) in table {
        let found = errors(
            option.clone(),
            quote!(impl Store { #[validate] fn v(&self) {} }),
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(&format!("`#[{hook}]`")), "{found:?}");
        let found = errors(option, quote!(impl Store { #attribute fn h(&self) {} }));
        assert!(found.is_empty(), "{found:?}");
    }
}
