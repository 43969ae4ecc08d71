//! An `impl` block.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Path, Token, Type, WhereClause, braced, token};

use super::Member;

/// An `impl` block whose bodies were not looked into.
pub(crate) struct Block {
    /// The attributes on the block.
    pub(crate) attrs: Vec<Attribute>,
    safety: Option<Token![unsafe]>,
    impl_token: Token![impl],
    /// The parameters and the where clause.
    pub(crate) generics: Generics,
    /// The trait and `for`, in a block that is not inherent.
    pub(crate) of_trait: Option<(Type, Token![for])>,
    /// The type that the block is for.
    pub(crate) self_ty: Type,
    brace: token::Brace,
    /// What stands in the block, in order.
    pub(crate) members: Vec<Member>,
}

impl Block {
    /// Returns the path of the type, if it has one.
    pub(crate) fn type_path(&self) -> Option<&Path> {
        let mut ty = &self.self_ty;
        loop {
            match ty {
                Type::Group(group) => ty = &group.elem,
                Type::Paren(paren) => ty = &paren.elem,
                Type::Path(path) if path.qself.is_none() => return Some(&path.path),
                _ => return None,
            }
        }
    }
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let safety = input.parse()?;
        let impl_token = input.parse()?;
        let mut generics: Generics = if input.peek(Token![<]) {
            input.parse()?
        } else {
            Generics::default()
        };
        let first: Type = input.parse()?;
        let (of_trait, self_ty) = match input.parse::<Option<Token![for]>>()? {
            Some(for_token) => (Some((first, for_token)), input.parse()?),
            None => (None, first),
        };
        generics.where_clause = input.parse::<Option<WhereClause>>()?;
        let content;
        let brace = braced!(content in input);
        let mut members = Vec::new();
        while !content.is_empty() {
            members.push(Member::read(&content)?);
        }
        Ok(Self {
            attrs,
            safety,
            impl_token,
            generics,
            of_trait,
            self_ty,
            brace,
            members,
        })
    }
}

impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.attrs.iter().map(ToTokens::to_token_stream));
        self.safety.to_tokens(tokens);
        self.impl_token.to_tokens(tokens);
        self.generics.to_tokens(tokens);
        if let Some((of_trait, for_token)) = &self.of_trait {
            of_trait.to_tokens(tokens);
            for_token.to_tokens(tokens);
        }
        self.self_ty.to_tokens(tokens);
        self.generics.where_clause.to_tokens(tokens);
        self.brace.surround(tokens, |inside| {
            inside.extend(self.members.iter().map(ToTokens::to_token_stream));
        });
    }
}
