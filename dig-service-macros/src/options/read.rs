//! Reads an option list against its table of keys.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprLit, Lit, LitStr, Path, Token, token};

use super::suggest;
use super::{Key, Shape};
use crate::errors::Errors;

/// The options that were given, each in its right shape.
pub(crate) struct Options {
    given: Vec<Given>,
}

/// One option that was given.
pub(crate) struct Given {
    /// The key, as the user wrote it.
    pub(crate) key: Ident,
    known: &'static Key,
    value: Value,
}

enum Value {
    None,
    Expr(Expr),
    List(TokenStream),
}

impl Options {
    /// Reads `tokens`, the inside of the brackets of `#[attribute(..)]`.
    pub(crate) fn parse(
        attribute: &str,
        keys: &'static [Key],
        tokens: TokenStream,
        errors: &mut Errors,
    ) -> Self {
        let mut given: Vec<Given> = Vec::new();
        let read = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let (key, value) = option(input)?;
                if let Some(option) = accept(attribute, keys, key, value, errors) {
                    admit(&mut given, option, errors);
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = read.parse2(tokens) {
            errors.push_error(error);
        }
        Self { given }
    }

    /// Returns the option called `name`, if it was given.
    pub(crate) fn get(&self, name: &str) -> Option<&Given> {
        self.given.iter().find(|given| given.known.name == name)
    }

    /// Returns whether the flag `name` was given and not as `= false`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|given| match &given.value {
            Value::Expr(value) => literal_bool(value).unwrap_or(true),
            Value::None | Value::List(_) => true,
        })
    }

    /// Returns the string given as `name`.
    pub(crate) fn string(&self, name: &str, errors: &mut Errors) -> Option<LitStr> {
        self.get(name)?.string(errors)
    }

    /// Returns every string given as `name`.
    pub(crate) fn strings(&self, name: &str, errors: &mut Errors) -> Vec<LitStr> {
        let all = self.given.iter().filter(|given| given.known.name == name);
        all.filter_map(|given| given.string(errors)).collect()
    }

    /// Returns the path given as `name`, bare or as a string.
    pub(crate) fn path(&self, name: &str, errors: &mut Errors) -> Option<Path> {
        let given = self.get(name)?;
        let value = given.expr()?;
        let path = match ungrouped(value) {
            Expr::Path(path) if path.qself.is_none() => Some(path.path.clone()),
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => text.parse().ok(),
            _ => None,
        };
        if path.is_none() {
            let usage = given.known.usage();
            errors.push(value, format!("`{name}` expects a path, as in `{usage}`"));
        }
        path
    }

    /// Returns what stands in the brackets of `name(..)`.
    pub(crate) fn list(&self, name: &str) -> Option<&TokenStream> {
        match &self.get(name)?.value {
            Value::List(tokens) => Some(tokens),
            Value::None | Value::Expr(_) => None,
        }
    }
}

impl Given {
    /// Returns the value, if one was given with `=`.
    pub(crate) fn expr(&self) -> Option<&Expr> {
        match &self.value {
            Value::Expr(value) => Some(value),
            Value::None | Value::List(_) => None,
        }
    }

    fn string(&self, errors: &mut Errors) -> Option<LitStr> {
        let value = self.expr()?;
        match ungrouped(value) {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.clone()),
            _ => {
                let (name, usage) = (self.known.name, self.known.usage());
                errors.push(value, format!("`{name}` expects a string, as in `{usage}`"));
                None
            }
        }
    }
}

/// Looks through the invisible group that `macro_rules!` puts round an expression.
pub(super) fn ungrouped(mut value: &Expr) -> &Expr {
    while let Expr::Group(group) = value {
        value = &group.expr;
    }
    value
}

fn literal_bool(value: &Expr) -> Option<bool> {
    match ungrouped(value) {
        Expr::Lit(ExprLit {
            lit: Lit::Bool(value),
            ..
        }) => Some(value.value),
        _ => None,
    }
}

fn option(input: ParseStream<'_>) -> syn::Result<(Ident, Value)> {
    if !input.peek(Ident::peek_any) {
        let stray: TokenTree = input.parse()?;
        return Err(syn::Error::new_spanned(
            stray,
            "expected the name of an option",
        ));
    }
    let key = input.call(Ident::parse_any)?;
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        return Ok((key, Value::Expr(input.parse()?)));
    }
    if input.peek(token::Paren) {
        let inside;
        syn::parenthesized!(inside in input);
        return Ok((key, Value::List(inside.parse()?)));
    }
    Ok((key, Value::None))
}

fn accept(
    attribute: &str,
    keys: &'static [Key],
    key: Ident,
    value: Value,
    errors: &mut Errors,
) -> Option<Given> {
    let Some(known) = keys.iter().find(|known| key == known.name) else {
        errors.push(&key, unknown(attribute, keys, &key.to_string()));
        return None;
    };
    let (name, usage) = (known.name, known.usage());
    match (known.shape, &value) {
        (Shape::Flag, Value::Expr(given)) if literal_bool(given).is_none() => {
            errors.push(given, misused_flag(name));
            return None;
        }
        (Shape::Flag | Shape::FlagOrValue, Value::List(given)) => {
            errors.push(given, misused_flag(name));
            return None;
        }
        (Shape::Value(_), Value::None | Value::List(_)) => {
            errors.push(&key, format!("`{name}` needs a value, as in `{usage}`"));
            return None;
        }
        (Shape::List(_), Value::None | Value::Expr(_)) => {
            errors.push(&key, format!("`{name}` needs a list, as in `{usage}`"));
            return None;
        }
        _ => {}
    }
    Some(Given { key, known, value })
}

fn misused_flag(name: &str) -> String {
    format!("`{name}` is a flag: write `{name}` alone or `{name} = false`")
}

fn unknown(attribute: &str, keys: &'static [Key], given: &str) -> String {
    let start = format!("unknown option `{given}` in `#[{attribute}]`");
    if keys.is_empty() {
        return format!("{start}; it takes no options");
    }
    if let Some(near) = suggest::nearest(given, keys.iter().map(|key| key.name)) {
        return format!("{start}; did you mean `{near}`?");
    }
    let names: Vec<String> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
    format!("{start}; expected one of: {}", names.join(", "))
}

fn admit(given: &mut Vec<Given>, option: Given, errors: &mut Errors) {
    let name = option.known.name;
    let first = given.iter().find(|earlier| earlier.known.name == name);
    if let Some(first) = first.filter(|_| !option.known.repeats) {
        errors.push(&option.key, format!("`{name}` is given twice"));
        errors.push(&first.key, format!("`{name}` is first given here"));
        return;
    }
    given.push(option);
}
