//! What a node says about its own RPC methods.

use std::time::Duration;

#[cfg(feature = "openrpc")]
use schemars::{Schema, SchemaGenerator};

#[cfg(feature = "openrpc")]
use crate::rpc::openrpc::{ErrorsFn, SchemaFn};

/// The tier of methods that steer the service.
pub(crate) const ADMIN: &str = "admin";

/// One RPC method: its name, its documentation and its params.
///
/// # Examples
///
/// ```
/// use dig_service::{MethodInfo, ParamInfo};
///
/// const GET: MethodInfo = MethodInfo::new("get", "Gets a block.", &[ParamInfo::new("height", "", true)]);
///
/// assert_eq!(GET.name(), "get");
/// assert!(GET.params()[0].is_required());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MethodInfo {
    name: &'static str,
    doc: &'static str,
    params: &'static [ParamInfo],
    aliases: &'static [&'static str],
    structure: ParamStructure,
    deprecated: Option<&'static str>,
    hidden: bool,
    tier: Option<&'static str>,
    timeout: Option<Duration>,
    notification: bool,
    subscription: Option<&'static str>,
    #[cfg(feature = "openrpc")]
    item: Option<SchemaFn>,
    #[cfg(feature = "openrpc")]
    result: Option<SchemaFn>,
    #[cfg(feature = "openrpc")]
    whole: Option<SchemaFn>,
    #[cfg(feature = "openrpc")]
    errors: Option<ErrorsFn>,
}

/// One error that a method declares: what its caller may meet.
///
/// `#[derive(RpcError)]` lists one for each variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorInfo {
    code: i32,
    message: &'static str,
    doc: &'static str,
}

/// How a method's params may be given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParamStructure {
    /// By name or by position.
    #[default]
    Either,
    /// In an object only.
    ByName,
    /// In an array only.
    ByPosition,
}

/// One param of an RPC method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParamInfo {
    name: &'static str,
    doc: &'static str,
    required: bool,
    aliases: &'static [&'static str],
    #[cfg(feature = "openrpc")]
    schema: Option<SchemaFn>,
}

impl MethodInfo {
    /// Describes a method.
    #[must_use]
    pub const fn new(name: &'static str, doc: &'static str, params: &'static [ParamInfo]) -> Self {
        Self {
            name,
            doc,
            params,
            aliases: &[],
            structure: ParamStructure::Either,
            deprecated: None,
            hidden: false,
            tier: None,
            timeout: None,
            notification: false,
            subscription: None,
            #[cfg(feature = "openrpc")]
            item: None,
            #[cfg(feature = "openrpc")]
            result: None,
            #[cfg(feature = "openrpc")]
            whole: None,
            #[cfg(feature = "openrpc")]
            errors: None,
        }
    }

    /// Adds the other names under which the method answers.
    #[must_use]
    pub const fn with_aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Says how the params may be given.
    #[must_use]
    pub const fn with_structure(mut self, structure: ParamStructure) -> Self {
        self.structure = structure;
        self
    }

    /// Marks the method as deprecated, with the reason or `""`.
    #[must_use]
    pub const fn with_deprecation(mut self, reason: &'static str) -> Self {
        self.deprecated = Some(reason);
        self
    }

    /// Leaves the method out of listings; it answers all the same.
    #[must_use]
    pub const fn with_hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Says which tier the method belongs to; a transport may refuse a whole tier.
    #[must_use]
    pub const fn with_tier(mut self, tier: &'static str) -> Self {
        self.tier = Some(tier);
        self
    }

    /// Says how long a call may take.
    #[must_use]
    pub const fn with_timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Says that the method is meant to be called without an id: it has nothing to answer.
    #[must_use]
    pub const fn with_notification(mut self) -> Self {
        self.notification = true;
        self
    }

    /// Says that the method subscribes, and which method ends that.
    #[must_use]
    pub const fn with_subscription(mut self, unsubscribe: &'static str) -> Self {
        self.subscription = Some(unsubscribe);
        self
    }

    /// Returns the name, namespace included.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the documentation, or `""`.
    #[must_use]
    pub const fn doc(&self) -> &'static str {
        self.doc
    }

    /// Returns the params, in the order of their positions.
    #[must_use]
    pub const fn params(&self) -> &'static [ParamInfo] {
        self.params
    }

    /// Returns the other names.
    #[must_use]
    pub const fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    /// Returns how the params may be given.
    #[must_use]
    pub const fn structure(&self) -> ParamStructure {
        self.structure
    }

    /// Returns why the method is deprecated, if it is; `""` when no reason was given.
    #[must_use]
    pub const fn deprecated(&self) -> Option<&'static str> {
        self.deprecated
    }

    /// Returns the tier that the method belongs to, if it has one.
    #[must_use]
    pub const fn tier(&self) -> Option<&'static str> {
        self.tier
    }

    /// Returns how long a call may take, if the method limits that itself.
    #[must_use]
    pub const fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Returns whether the method is meant to be called without an id. Called with one, it answers
    /// `null`.
    #[must_use]
    pub const fn is_notification(&self) -> bool {
        self.notification
    }

    /// Returns the name of the method that ends a subscription, if this one makes them.
    #[must_use]
    pub const fn unsubscribe(&self) -> Option<&'static str> {
        self.subscription
    }

    /// Returns whether listings leave the method out.
    #[must_use]
    pub const fn is_hidden(&self) -> bool {
        self.hidden
    }
}

impl ParamInfo {
    /// Describes a param.
    #[must_use]
    pub const fn new(name: &'static str, doc: &'static str, required: bool) -> Self {
        Self {
            name,
            doc,
            required,
            aliases: &[],
            #[cfg(feature = "openrpc")]
            schema: None,
        }
    }

    /// Adds the other names under which the param may be given.
    #[must_use]
    pub const fn with_aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the documentation, or `""`.
    #[must_use]
    pub const fn doc(&self) -> &'static str {
        self.doc
    }

    /// Returns whether the param must be given.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        self.required
    }

    /// Returns the other names.
    #[must_use]
    pub const fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }
}

#[cfg(feature = "openrpc")]
impl MethodInfo {
    /// Adds the schema of what is sent as the result.
    #[must_use]
    pub const fn with_result(mut self, schema: fn(&mut SchemaGenerator) -> Schema) -> Self {
        self.result = Some(SchemaFn(schema));
        self
    }

    /// Adds the schema of the params of a method that reads them as one value.
    #[must_use]
    pub const fn with_whole(mut self, schema: fn(&mut SchemaGenerator) -> Schema) -> Self {
        self.whole = Some(SchemaFn(schema));
        self
    }

    /// Adds the errors that the method declares.
    #[must_use]
    pub const fn with_errors(mut self, errors: fn() -> &'static [ErrorInfo]) -> Self {
        self.errors = Some(ErrorsFn(errors));
        self
    }

    /// Adds the schema of what a subscription sends.
    #[must_use]
    pub const fn with_item(mut self, schema: fn(&mut SchemaGenerator) -> Schema) -> Self {
        self.item = Some(SchemaFn(schema));
        self
    }

    /// Writes the schema of what a subscription sends, if it is known.
    pub fn item_schema(&self, generator: &mut SchemaGenerator) -> Option<Schema> {
        self.item.map(|schema| schema.0(generator))
    }

    /// Writes the schema of the result, if the method has one.
    pub fn result_schema(&self, generator: &mut SchemaGenerator) -> Option<Schema> {
        self.result.map(|schema| schema.0(generator))
    }

    /// Writes the schema of all params in one, of a method that reads them so.
    pub fn whole_schema(&self, generator: &mut SchemaGenerator) -> Option<Schema> {
        self.whole.map(|schema| schema.0(generator))
    }

    /// Returns the errors that the method declares.
    #[must_use]
    pub fn errors(&self) -> &'static [ErrorInfo] {
        self.errors.map_or(&[], |errors| errors.0())
    }
}

#[cfg(feature = "openrpc")]
impl ParamInfo {
    /// Adds the schema of the param.
    #[must_use]
    pub const fn with_schema(mut self, schema: fn(&mut SchemaGenerator) -> Schema) -> Self {
        self.schema = Some(SchemaFn(schema));
        self
    }

    /// Writes the schema of the param, if it has one.
    pub fn schema(&self, generator: &mut SchemaGenerator) -> Option<Schema> {
        self.schema.map(|schema| schema.0(generator))
    }
}

impl ErrorInfo {
    /// Describes an error: its number, what is said of it, and its documentation.
    #[must_use]
    pub const fn new(code: i32, message: &'static str, doc: &'static str) -> Self {
        Self { code, message, doc }
    }

    /// Returns the number that is sent.
    #[must_use]
    pub const fn code(&self) -> i32 {
        self.code
    }

    /// Returns the message that is sent; where it is made from the error's fields, its pattern
    /// (`{0} blocks behind`); `""` where that is not known.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        self.message
    }

    /// Returns the documentation, or `""`.
    #[must_use]
    pub const fn doc(&self) -> &'static str {
        self.doc
    }
}
