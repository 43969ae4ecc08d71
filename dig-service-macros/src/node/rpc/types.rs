//! What can be told of a type by its spelling.
//!
//! A type passed by `macro_rules!` stands in an invisible group, so every look goes through it.

use proc_macro2::{Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
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
mod tests {
    use quote::ToTokens;
    use syn::{Type, parse_quote};

    use super::{borrows, inferred, is_context, is_option};

    #[test]
    fn borrowing_is_seen_by_spelling() {
        let borrowed: [Type; 5] = [
            parse_quote!(&str),
            parse_quote!(Option<&'a [u8]>),
            parse_quote!(View<'_>),
            parse_quote!((u8, &str)),
            parse_quote!(Cow<'_, View<'_>>),
        ];
        let owned: [Type; 4] = [
            parse_quote!(String),
            parse_quote!(Cow<'_, str>),
            parse_quote!(Option<std::borrow::Cow<'a, str>>),
            parse_quote!(Vec<Tag<'static>>),
        ];

        for ty in borrowed {
            assert!(borrows(&ty), "{}", ty.to_token_stream());
        }
        for ty in owned {
            assert!(!borrows(&ty), "{}", ty.to_token_stream());
        }
    }

    #[test]
    fn lifetimes_of_the_method_are_inferred() {
        let ty = inferred(&parse_quote!(Map<'a, &'b [Tag<'static>]>));

        assert_eq!(
            ty.to_token_stream().to_string(),
            "Map < '_ , & '_ [Tag < 'static >] >"
        );
    }

    #[test]
    fn options_and_contexts_are_seen_by_their_last_segment() {
        assert!(is_option(&parse_quote!(std::option::Option<u8>)));
        assert!(!is_option(&parse_quote!(Option)));
        assert!(is_context(&parse_quote!(&dig_service::RpcContext)));
        assert!(is_context(&parse_quote!(RpcContext)));
        assert!(!is_context(&parse_quote!(Context)));
    }
}
