//! The options of `#[node(..)]` and `#[methods(..)]`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{LitStr, Token, WherePredicate};

use crate::errors::Errors;
use crate::krate::Krate;
use crate::options::{Key, Options};

const NAME: Key = Key::value("name", "\"validator\"");
const NAMESPACE: Key = Key::value("namespace", "\"chain\"");
const SEPARATOR: Key = Key::value("separator", "\".\"");
const RENAME_ALL: Key = Key::value("rename_all", "\"camelCase\"");
const RPC_ONLY: Key = Key::flag("rpc_only");
const LIFECYCLE_ONLY: Key = Key::flag("lifecycle_only");
const ADMIN: Key = Key::flag("admin");
const DISCOVER: Key = Key::flag("discover");
const GROUPS: Key = Key::list("groups", "chain, wallet");
const CLIENT: Key = Key::value("client", "NodeClient");
const CRATE: Key = Key::value("crate", "my_crate::dig_service");
const BOUNDS: Key = Key::list("bounds", "S: Store");

/// The keys of `#[node]`, on an `impl` block and on a struct.
const NODE: &[Key] = &[
    NAME,
    NAMESPACE,
    SEPARATOR,
    RENAME_ALL,
    RPC_ONLY,
    LIFECYCLE_ONLY,
    ADMIN,
    DISCOVER,
    CLIENT,
    GROUPS,
    CRATE,
    BOUNDS,
];
const METHODS: &[Key] = &[
    NAMESPACE, SEPARATOR, RENAME_ALL, ADMIN, DISCOVER, CLIENT, GROUPS, CRATE,
];
const GROUP: &[Key] = &[NAMESPACE, SEPARATOR, RENAME_ALL, DISCOVER, CLIENT, CRATE];

/// What `#[node(..)]` and `#[methods(..)]` say.
pub(crate) struct NodeOptions {
    /// The name of the attribute, for messages.
    pub(crate) attribute: &'static str,
    /// `NAME` of the lifecycle.
    pub(crate) name: Option<LitStr>,
    /// How RPC names are made.
    pub(crate) naming: Naming,
    /// No lifecycle.
    pub(crate) rpc_only: bool,
    /// No RPC.
    pub(crate) lifecycle_only: bool,
    /// The methods of the tier `admin` are added.
    pub(crate) has_admin: bool,
    /// `rpc.discover` is answered.
    pub(crate) has_discover: bool,
    /// Further blocks of RPC methods.
    pub(crate) groups: Vec<Ident>,
    /// What the block is called, if it is such a further block.
    pub(crate) group: Option<Ident>,
    /// What the typed client is called.
    pub(crate) client: Option<Ident>,
    /// Bounds that the trait impls of a struct have and the struct has not.
    pub(crate) bounds: Vec<WherePredicate>,
    /// Where the runtime crate is.
    pub(crate) krate: Krate,
}

/// How the names of RPC methods and params are made.
pub(crate) struct Naming {
    /// What stands before every method name, separator included.
    pub(crate) prefix: String,
    /// How names are spelt.
    pub(crate) case: Case,
}

/// How names are spelt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// As in the source.
    AsWritten,
    /// `get_block`.
    Snake,
    /// `getBlock`.
    Camel,
}

impl NodeOptions {
    /// Reads the options of `#[node]` on an `impl` block.
    pub(crate) fn of_block(tokens: TokenStream, errors: &mut Errors) -> Self {
        let options = Options::parse("node", NODE, tokens, errors);
        if let Some(bounds) = options.get("bounds") {
            let message = "`bounds` is for `#[node]` on a struct; write the bounds on this `impl`";
            errors.push(&bounds.key, message);
        }
        Self::read("node", &options, errors)
    }

    /// Reads the options of `#[node]` on a struct.
    pub(crate) fn of_struct(tokens: TokenStream, errors: &mut Errors) -> Self {
        let options = Options::parse("node", NODE, tokens, errors);
        for name in ["namespace", "separator", "rename_all"] {
            if let Some(given) = options.get(name) {
                errors.push(&given.key, format!("`{name}` goes where the methods are, on `#[dig_service::methods({name} = ..)]`"));
            }
        }
        for (name, usage) in [
            ("admin", "admin"),
            ("discover", "discover"),
            ("client", "client = NodeClient"),
            ("groups", "groups(..)"),
        ] {
            if let Some(given) = options.get(name) {
                errors.push(
                    &given.key,
                    format!(
                        "`{name}` goes where the methods are, on `#[dig_service::methods({usage})]`"
                    ),
                );
            }
        }
        Self::read("node", &options, errors)
    }

    /// Reads the options of `#[methods]`.
    pub(crate) fn of_methods(tokens: TokenStream, errors: &mut Errors) -> Self {
        let options = Options::parse("methods", METHODS, tokens, errors);
        Self::read("methods", &options, errors)
    }

    /// Reads the name and the options of `#[rpc_group]`.
    pub(crate) fn of_group(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut trees = tokens.into_iter();
        let (first, comma) = (trees.next(), trees.next());
        let is_name = matches!(&comma, Some(TokenTree::Punct(comma)) if comma.as_char() == ',');
        let (name, rest) = match (first, comma) {
            (Some(TokenTree::Ident(name)), comma) if is_name || comma.is_none() => {
                (Some(name), trees.collect())
            }
            (first, comma) => (None, first.into_iter().chain(comma).chain(trees).collect()),
        };
        if name.is_none() {
            let message =
                "`#[rpc_group]` needs a name first, as in `#[dig_service::rpc_group(chain)]`";
            errors.push_error(syn::Error::new(Span::call_site(), message));
        }
        let options = Options::parse("rpc_group", GROUP, rest, errors);
        Self {
            group: Some(name.unwrap_or_else(|| Ident::new("unnamed", Span::call_site()))),
            ..Self::read("rpc_group", &options, errors)
        }
    }

    fn read(attribute: &'static str, options: &Options, errors: &mut Errors) -> Self {
        let (rpc_only, lifecycle_only) = (options.flag("rpc_only"), options.flag("lifecycle_only"));
        if let Some(given) = options
            .get("lifecycle_only")
            .filter(|_| rpc_only && lifecycle_only)
        {
            errors.push(
                &given.key,
                "`rpc_only` and `lifecycle_only` leave nothing of the node",
            );
        }
        let admin = options.get("admin").filter(|_| options.flag("admin"));
        if let Some(given) = admin.filter(|_| lifecycle_only) {
            errors.push(
                &given.key,
                "`admin` adds RPC methods, and this node is `lifecycle_only`",
            );
        }
        let discover = options.get("discover").filter(|_| options.flag("discover"));
        if let Some(given) = discover {
            if lifecycle_only {
                let message = "`discover` describes RPC methods, and this node is `lifecycle_only`";
                errors.push(&given.key, message);
            }
            if !cfg!(feature = "openrpc") {
                let message = "`discover` needs the feature `openrpc` of `dig-service`";
                errors.push(&given.key, message);
            }
        }
        Self {
            attribute,
            name: options.string("name", errors),
            naming: Naming::read(options, errors),
            rpc_only,
            lifecycle_only,
            has_admin: options.flag("admin"),
            has_discover: discover.is_some() && cfg!(feature = "openrpc"),
            groups: groups(options, errors),
            group: None,
            client: client(options, errors),
            bounds: bounds(options, errors),
            krate: Krate::new(options.path("crate", errors)),
        }
    }
}

impl Naming {
    fn read(options: &Options, errors: &mut Errors) -> Self {
        let case = options.string("rename_all", errors);
        let case = case.map_or(Case::AsWritten, |text| Case::read(&text, errors));
        let separator = options.string("separator", errors);
        let prefix = match (options.string("namespace", errors), &separator) {
            (Some(namespace), separator) => {
                let separator = separator
                    .as_ref()
                    .map_or_else(|| "_".to_owned(), LitStr::value);
                let prefix = namespace.value() + &separator;
                if namespace.value().is_empty() || prefix.contains(char::is_whitespace) {
                    let message = format!(
                        "`{prefix}` cannot stand before method names: it is empty or has a space in it"
                    );
                    errors.push(namespace, message);
                }
                prefix
            }
            (None, Some(separator)) => {
                errors.push(
                    separator,
                    "`separator` stands behind a `namespace`, and there is none",
                );
                String::new()
            }
            (None, None) => String::new(),
        };
        Self { prefix, case }
    }
}

impl Case {
    fn read(text: &LitStr, errors: &mut Errors) -> Self {
        match text.value().as_str() {
            "snake_case" => Self::Snake,
            "camelCase" => Self::Camel,
            other => {
                errors.push(
                    text,
                    format!("unknown case `{other}`; use `snake_case` or `camelCase`"),
                );
                Self::AsWritten
            }
        }
    }

    /// Spells an identifier of the source.
    pub(crate) fn spell(self, name: &str) -> String {
        match self {
            Self::AsWritten => name.to_owned(),
            Self::Snake => snake(name),
            Self::Camel => camel(name),
        }
    }
}

fn snake(name: &str) -> String {
    let mut spelt = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !spelt.is_empty() && !spelt.ends_with('_') {
            spelt.push('_');
        }
        spelt.extend(letter.to_lowercase());
    }
    spelt
}

fn camel(name: &str) -> String {
    let mut spelt = String::new();
    let mut rises = false;
    for letter in name.chars() {
        if letter == '_' {
            rises = !spelt.is_empty();
        } else if rises {
            spelt.extend(letter.to_uppercase());
            rises = false;
        } else {
            spelt.push(letter);
        }
    }
    spelt
}

fn groups(options: &Options, errors: &mut Errors) -> Vec<Ident> {
    let Some(tokens) = options.list("groups") else {
        return Vec::new();
    };
    let read = Punctuated::<Ident, Token![,]>::parse_terminated;
    let groups = match read.parse2(tokens.clone()) {
        Ok(groups) => groups.into_iter().collect(),
        Err(error) => {
            errors.push_error(error);
            Vec::new()
        }
    };
    for (place, group) in groups.iter().enumerate() {
        if groups[..place].contains(group) {
            errors.push(group, format!("the group `{group}` is listed twice"));
        }
    }
    groups
}

fn client(options: &Options, errors: &mut Errors) -> Option<Ident> {
    let path = options.path("client", errors)?;
    let name = path.get_ident().cloned();
    if name.is_none() {
        let message = "`client` expects the name of a new type, as in `client = NodeClient`";
        errors.push(&path, message);
    }
    name
}

fn bounds(options: &Options, errors: &mut Errors) -> Vec<WherePredicate> {
    let Some(tokens) = options.list("bounds") else {
        return Vec::new();
    };
    let read = Punctuated::<WherePredicate, Token![,]>::parse_terminated;
    match read.parse2(tokens.clone()) {
        Ok(bounds) => bounds.into_iter().collect(),
        Err(error) => {
            errors.push_error(error);
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests;
