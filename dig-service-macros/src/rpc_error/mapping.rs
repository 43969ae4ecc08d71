//! What `#[rpc_error(..)]` says.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, Expr, ExprLit, ExprUnary, Lit, LitInt, LitStr, Meta, Path, UnOp};

use crate::errors::Errors;
use crate::krate::Krate;
use crate::options::{Key, Options};

const CODE: Key = Key::value("code", "NotSynced");
const MESSAGE: Key = Key::value("message", "\"no such block\"");
const DATA: Key = Key::value("data", "Self::details");
const FIELDS: Key = Key::flag("fields");

const TYPE: &[Key] = &[
    CODE,
    MESSAGE,
    DATA,
    FIELDS,
    Key::value("crate", "my_crate::dig_service"),
];
const VARIANT: &[Key] = &[CODE, MESSAGE, DATA, FIELDS];

/// What is sent for one variant.
#[derive(Clone)]
pub(super) struct Mapping {
    pub(super) code: Option<Code>,
    pub(super) message: Option<LitStr>,
    pub(super) data: Option<Path>,
    /// Where `fields` stands, if it was given: the fields are the data.
    pub(super) fields: Option<Ident>,
}

#[derive(Clone)]
pub(super) enum Code {
    Variant(Ident),
    Number(Expr),
}

/// Reads what holds for a whole type.
pub(super) fn of_type(attrs: &[Attribute], errors: &mut Errors) -> (Mapping, Krate) {
    let options = attribute(attrs, TYPE, errors);
    let krate = Krate::new(options.path("crate", errors));
    (Mapping::read(&options, errors), krate)
}

/// Reads what a variant says, and fills the rest from its type.
pub(super) fn of_variant(attrs: &[Attribute], common: &Mapping, errors: &mut Errors) -> Mapping {
    let options = attribute(attrs, VARIANT, errors);
    Mapping::read(&options, errors).or(common)
}

/// Reads `#[rpc_error(..)]`; several are read as one.
fn attribute(attrs: &[Attribute], keys: &'static [Key], errors: &mut Errors) -> Options {
    let mut tokens = TokenStream::new();
    for attr in attrs
        .iter()
        .filter(|attr| attr.path().is_ident("rpc_error"))
    {
        match &attr.meta {
            Meta::List(list) => {
                let inside = &list.tokens;
                tokens.extend(quote!(#inside,));
            }
            other => errors.push(
                other,
                "`#[rpc_error]` needs options, as in `#[rpc_error(code = NotSynced)]`",
            ),
        }
    }
    Options::parse("rpc_error", keys, tokens, errors)
}

impl Mapping {
    fn read(options: &Options, errors: &mut Errors) -> Self {
        let fields = options.get("fields").filter(|_| options.flag("fields"));
        if let Some(given) = fields.filter(|_| options.get("data").is_some()) {
            let message = "`data` and `fields` both say what the data is; keep one of them";
            errors.push(&given.key, message);
        }
        Self {
            code: options
                .get("code")
                .and_then(|given| code(given.expr()?, errors)),
            message: options.string("message", errors),
            data: options.path("data", errors),
            fields: fields.map(|given| given.key.clone()),
        }
    }

    /// Fills what a variant does not say from what its type says.
    fn or(self, common: &Self) -> Self {
        let has_own_data = self.data.is_some() || self.fields.is_some();
        let common_data = Some(common).filter(|_| !has_own_data);
        Self {
            code: self.code.or_else(|| common.code.clone()),
            message: self.message.or_else(|| common.message.clone()),
            data: self.data.or_else(|| common_data?.data.clone()),
            fields: self.fields.or_else(|| common_data?.fields.clone()),
        }
    }
}

fn code(value: &Expr, errors: &mut Errors) -> Option<Code> {
    match value {
        Expr::Group(group) => return code(&group.expr, errors),
        Expr::Path(path) => {
            if let Some(name) = path.path.get_ident() {
                return Some(Code::Variant(name.clone()));
            }
        }
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => {
            return number_in_range(number, value, false, errors);
        }
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => {
            if let Expr::Lit(ExprLit {
                lit: Lit::Int(number),
                ..
            }) = &**expr
            {
                return number_in_range(number, value, true, errors);
            }
        }
        _ => {}
    }
    errors.push(value, "`code` expects a variant of `ErrorCode` or a number, as in `code = NotSynced` or `code = 4001`");
    None
}

fn number_in_range(
    number: &LitInt,
    value: &Expr,
    negative: bool,
    errors: &mut Errors,
) -> Option<Code> {
    let sign = if negative { "-" } else { "" };
    if format!("{sign}{}", number.base10_digits())
        .parse::<i32>()
        .is_err()
    {
        errors.push(value, "an error code is a 32-bit number");
        return None;
    }
    Some(Code::Number(value.clone()))
}
