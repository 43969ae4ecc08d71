//! What can be told of a type by its spelling.
//!
//! A type passed by `macro_rules!` stands in an invisible group, so every look goes through it.

use proc_macro2::{Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, PathArguments, PathSegment, ReturnType, Type, parse_quote};

use crate::spans;

/// Looks through invisible groups and brackets.
pub(super) fn bare(mut ty: &Type) -> &Type {
    loop {
        match ty {
            Type::Group(group) => ty = &group.elem,
            Type::Paren(paren) => ty = &paren.elem,
            other => return other,
        }
    }
}

/// Returns the last segment of a type's path.
fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match bare(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// Returns whether the type is spelt `Option<..>`.
pub(super) fn is_option(ty: &Type) -> bool {
    last_segment(ty)
        .is_some_and(|segment| segment.ident == "Option" && !segment.arguments.is_empty())
}

/// Returns whether the type is spelt `RpcContext` or `&RpcContext`.
pub(super) fn is_context(ty: &Type) -> bool {
    let ty = match bare(ty) {
        Type::Reference(reference) => &reference.elem,
        other => other,
    };
    last_segment(ty).is_some_and(|segment| segment.ident == "RpcContext")
}

/// Returns whether a value of this type borrows: it has a reference or a lifetime in it.
///
/// The lifetime of a `Cow` does not count: it is read as an owned value, which is moved out of the
/// params and not copied.
pub(super) fn borrows(ty: &Type) -> bool {
    match bare(ty) {
        Type::Reference(_) => true,
        Type::Tuple(tuple) => tuple.elems.iter().any(borrows),
        Type::Array(array) => borrows(&array.elem),
        Type::Path(path) => path.path.segments.iter().any(segment_borrows),
        _ => false,
    }
}

fn segment_borrows(segment: &PathSegment) -> bool {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return false;
    };
    let is_cow = segment.ident == "Cow";
    arguments.args.iter().any(|argument| match argument {
        GenericArgument::Lifetime(lifetime) => lifetime.ident != "static" && !is_cow,
        GenericArgument::Type(ty) => borrows(ty),
        _ => false,
    })
}

/// Returns the `&[u8]` in a type, if there is one.
pub(super) fn borrowed_bytes(ty: &Type) -> Option<&Type> {
    match bare(ty) {
        Type::Reference(reference) if is_bytes(&reference.elem) => Some(ty),
        Type::Reference(reference) => borrowed_bytes(&reference.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(borrowed_bytes),
        Type::Array(array) => borrowed_bytes(&array.elem),
        Type::Path(path) => path.path.segments.iter().find_map(bytes_of_segment),
        _ => None,
    }
}

fn bytes_of_segment(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => borrowed_bytes(ty),
        _ => None,
    })
}

fn is_bytes(ty: &Type) -> bool {
    match bare(ty) {
        Type::Slice(slice) => {
            last_segment(&slice.elem).is_some_and(|segment| segment.ident == "u8")
        }
        _ => false,
    }
}

/// Replaces the lifetimes of the method, which mean nothing outside it, by `'_`.
pub(super) fn inferred(ty: &Type) -> Type {
    let tokens = inferred_tokens(bare(ty).to_token_stream());
    parse_quote!(#tokens)
}

fn inferred_tokens(tokens: TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let mut trees = tokens.into_iter();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Punct(tick) if tick.as_char() == '\'' => {
                let name = trees.next();
                let is_static = matches!(&name, Some(TokenTree::Ident(name)) if name == "static");
                let mut fresh = Punct::new('\'', Spacing::Joint);
                fresh.set_span(tick.span());
                fresh.to_tokens(&mut out);
                match name {
                    Some(name) if is_static => name.to_tokens(&mut out),
                    _ => Ident::new("_", tick.span()).to_tokens(&mut out),
                }
            }
            TokenTree::Group(group) => {
                let mut fresh = Group::new(group.delimiter(), inferred_tokens(group.stream()));
                fresh.set_span(group.span());
                fresh.to_tokens(&mut out);
            }
            other => other.to_tokens(&mut out),
        }
    }
    out
}

/// Returns what a method returns; `None` is `()`, or nothing at all.
pub(super) fn returned(output: &ReturnType) -> Option<Type> {
    match output {
        ReturnType::Type(_, ty) if !matches!(bare(ty), Type::Never(_)) => Some(inferred(ty)),
        _ => None,
    }
}

/// Returns whether the type is spelt as a `Result`: by a name that ends so, with parameters. Without
/// any, it may as well be a struct.
pub(crate) fn is_result(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|segment| {
        segment.ident.to_string().ends_with("Result") && !segment.arguments.is_empty()
    })
}

/// Returns the second side of a type spelt as a `Result`.
pub(crate) fn error_of(ty: &Type) -> Option<&Type> {
    let PathArguments::AngleBracketed(list) = &last_segment(ty)?.arguments else {
        return None;
    };
    let mut types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.nth(1)
}

/// Replaces every lifetime, written or implied by a `&`, by `'static`, for a type that stands where
/// there is nothing to borrow from.
pub(crate) fn owned(ty: &Type) -> Type {
    let tokens = owned_tokens(bare(ty).to_token_stream());
    parse_quote!(#tokens)
}

fn owned_tokens(tokens: TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Punct(tick) if tick.as_char() == '\'' => {
                // The name behind the tick.
                trees.next();
                quote!('static).to_tokens(&mut out);
            }
            TokenTree::Punct(and) if and.as_char() == '&' => {
                and.to_tokens(&mut out);
                let has_lifetime =
                    matches!(trees.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '\'');
                if !has_lifetime {
                    quote!('static).to_tokens(&mut out);
                }
            }
            TokenTree::Group(group) => {
                let mut fresh = Group::new(group.delimiter(), owned_tokens(group.stream()));
                fresh.set_span(group.span());
                fresh.to_tokens(&mut out);
            }
            other => other.to_tokens(&mut out),
        }
    }
    out
}

/// Returns where the ok type and the error type of a result stand; where they cannot be told, the
/// whole type.
pub(super) fn output(output: &ReturnType, fallback: Span) -> (Span, Span) {
    let ReturnType::Type(_, ty) = output else {
        return (fallback, fallback);
    };
    let whole = spans::first(ty);
    let Some(segment) = last_segment(ty) else {
        return (whole, whole);
    };
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return (whole, whole);
    };
    if !segment.ident.to_string().ends_with("Result") {
        return (whole, whole);
    }
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(spans::first(ty)),
        _ => None,
    });
    (types.next().unwrap_or(whole), types.next().unwrap_or(whole))
}

#[cfg(test)]
mod tests;
