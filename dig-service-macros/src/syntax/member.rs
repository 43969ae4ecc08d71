//! One member of an `impl` block.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::{Attribute, Ident, LitStr, Path, Signature, Token, Visibility};

/// One member of an `impl` block.
pub(crate) enum Member {
    /// A function, with or without a receiver.
    Method(Box<Method>),
    /// A macro call, which may stand for any number of functions.
    Call(Path, TokenStream),
    /// Anything else: constants, types, and what could not be read.
    Other(TokenStream),
}

/// A function whose body was not looked into.
pub(crate) struct Method {
    /// The attributes, documentation included.
    pub(crate) attrs: Vec<Attribute>,
    visibility: Visibility,
    /// The signature.
    pub(crate) sig: Signature,
    body: TokenTree,
}

impl Member {
    /// Reads the next member. What the parser does not understand is passed on as it stands: the
    /// compiler will say what is wrong with it.
    pub(crate) fn read(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        if let Ok(member) = ahead.call(Self::understood) {
            input.advance_to(&ahead);
            return Ok(member);
        }
        until_end(input).map(Self::Other)
    }

    fn understood(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        if is_macro_call(input) {
            let path = input.fork().call(Path::parse_mod_style)?;
            let mut tokens: TokenStream = attrs.iter().map(ToTokens::to_token_stream).collect();
            tokens.extend(until_end(input)?);
            if input.peek(Token![;]) {
                input.parse::<Token![;]>()?.to_tokens(&mut tokens);
            }
            return Ok(Self::Call(path, tokens));
        }
        let visibility: Visibility = input.parse()?;
        if is_function(input) {
            let (sig, body) = (input.parse()?, input.parse()?);
            return Ok(Self::Method(Box::new(Method {
                attrs,
                visibility,
                sig,
                body,
            })));
        }
        let mut tokens: TokenStream = attrs.iter().map(ToTokens::to_token_stream).collect();
        visibility.to_tokens(&mut tokens);
        tokens.extend(until_semicolon(input)?);
        Ok(Self::Other(tokens))
    }
}

impl ToTokens for Member {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Method(method) => method.to_tokens(tokens),
            Self::Call(_, all) | Self::Other(all) => all.to_tokens(tokens),
        }
    }
}

impl ToTokens for Method {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.attrs.iter().map(ToTokens::to_token_stream));
        self.visibility.to_tokens(tokens);
        self.sig.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

fn is_macro_call(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.call(Path::parse_mod_style).is_ok() && ahead.peek(Token![!])
}

fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    while !ahead.peek(Token![fn]) {
        let qualifier = ["const", "async", "unsafe", "safe", "extern"];
        match ahead.parse::<TokenTree>() {
            Ok(TokenTree::Ident(word)) if qualifier.iter().any(|known| word == known) => {}
            _ => return false,
        }
        if ahead.peek(LitStr) && ahead.parse::<LitStr>().is_err() {
            return false;
        }
        if ahead.peek(Ident) {
            // `const NAME: ..` is a constant.
            return false;
        }
    }
    true
}

/// Takes tokens up to and with a `;` or a body in braces.
fn until_end(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    take_until(input, |tree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        tree => is_semicolon(tree),
    })
}

fn until_semicolon(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    take_until(input, is_semicolon)
}

fn is_semicolon(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ';')
}

fn take_until(
    input: ParseStream<'_>,
    is_last: impl Fn(&TokenTree) -> bool,
) -> syn::Result<TokenStream> {
    let mut taken = TokenStream::new();
    while !input.is_empty() {
        let tree: TokenTree = input.parse()?;
        let last = is_last(&tree);
        tree.to_tokens(&mut taken);
        if last {
            break;
        }
    }
    Ok(taken)
}
