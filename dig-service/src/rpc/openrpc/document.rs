//! From the rows of a node to its document.

use std::collections::HashSet;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use crate::rpc::{ErrorInfo, MethodInfo, ParamInfo, ParamStructure};

/// The version of the format, as <https://spec.open-rpc.org> numbers them. Later ones only add.
const OPENRPC: &str = "1.2.6";
const SCHEMAS: &str = "/components/schemas";

/// What a document says of the node as a whole.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// What it is called.
    pub title: &'static str,
    /// The version of the crate that it is in, if cargo told.
    pub version: Option<&'static str>,
    /// Its documentation, or `""`.
    pub doc: &'static str,
}

/// Writes the document; methods marked `hidden` are left out.
#[must_use]
pub(crate) fn document(about: About, methods: &[MethodInfo]) -> Value {
    let mut generator = SchemaSettings::draft07()
        .with(|settings| {
            settings.definitions_path = SCHEMAS.into();
            settings.meta_schema = None;
        })
        .into_generator();
    let shown = methods.iter().filter(|method| !method.is_hidden());
    let methods: Vec<Value> = shown
        .flat_map(|method| {
            let end = method.unsubscribe().map(describe_end);
            std::iter::once(describe(method, &mut generator)).chain(end)
        })
        .collect();
    let mut info = Map::new();
    info.insert("title".to_owned(), about.title.into());
    info.insert(
        "version".to_owned(),
        about.version.unwrap_or("0.0.0").into(),
    );
    put_text(&mut info, "description", about.doc);
    let mut document = json!({
        "openrpc": OPENRPC,
        "info": info,
        "methods": methods,
        "components": { "schemas": generator.take_definitions(true) },
    });
    drop_formats(&mut document);
    document
}

/// Takes Rust's names of numbers (`uint64`) off the schemas: JSON Schema has no such formats, and
/// validators refuse what they do not know. Bounds stand in `minimum` and `maximum`.
fn drop_formats(value: &mut Value) {
    const NUMBERS: [&str; 4] = ["int", "uint", "float", "double"];
    match value {
        Value::Object(members) => {
            let format = members.get("format").and_then(Value::as_str);
            let is_number = format.is_some_and(|format| {
                NUMBERS.contains(&format.trim_end_matches(|digit: char| digit.is_ascii_digit()))
            });
            if is_number {
                members.remove("format");
            }
            members.values_mut().for_each(drop_formats);
        }
        Value::Array(elements) => elements.iter_mut().for_each(drop_formats),
        _ => {}
    }
}

fn describe(method: &MethodInfo, generator: &mut SchemaGenerator) -> Value {
    let mut object = Map::new();
    object.insert("name".to_owned(), method.name().into());
    let doc = method.doc();
    put_text(&mut object, "summary", doc.lines().next().unwrap_or(""));
    put_text(&mut object, "description", doc);
    let (structure, params) = params(method, generator);
    object.insert("paramStructure".to_owned(), structure.into());
    object.insert("params".to_owned(), params.into());
    let schema = match method.unsubscribe() {
        Some(_) => Some(subscription()),
        None => method.result_schema(generator).map(Value::from),
    };
    object.insert(
        "result".to_owned(),
        json!({ "name": "result", "schema": schema.unwrap_or(Value::Bool(true)) }),
    );
    let errors = method.errors();
    if !errors.is_empty() {
        object.insert("errors".to_owned(), errors.iter().map(error).collect());
    }
    if let Some(reason) = method.deprecated() {
        object.insert("deprecated".to_owned(), true.into());
        put_text(&mut object, "x-deprecation", reason);
    }
    if let Some(end) = method.unsubscribe() {
        let item = method.item_schema(generator).map(Value::from);
        let item = item.unwrap_or(Value::Bool(true));
        let pushes = json!({ "unsubscribe": end, "item": item });
        object.insert("x-subscription".to_owned(), pushes);
    }
    extensions(method, &mut object);
    object.into()
}

/// The number of a subscription.
fn subscription() -> Value {
    json!({ "type": "integer", "minimum": 1 })
}

/// Describes the method that ends a subscription.
fn describe_end(name: &'static str) -> Value {
    let subscription = descriptor("subscription", true, "", subscription());
    json!({
        "name": name,
        "summary": "Ends a subscription, and tells whether there was one of that number.",
        "paramStructure": "either",
        "params": [subscription],
        "result": { "name": "result", "schema": { "type": "boolean" } },
    })
}

/// Writes what the format has no member for.
fn extensions(method: &MethodInfo, object: &mut Map<String, Value>) {
    if !method.aliases().is_empty() {
        object.insert("x-aliases".to_owned(), method.aliases().into());
    }
    if method.is_notification() {
        object.insert("x-notification".to_owned(), true.into());
    }
    put_text(object, "x-tier", method.tier().unwrap_or_default());
    if let Some(limit) = method.timeout() {
        let millis = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        object.insert("x-timeout-ms".to_owned(), millis.into());
    }
}

fn params(method: &MethodInfo, generator: &mut SchemaGenerator) -> (&'static str, Vec<Value>) {
    if let Some(schema) = method.whole_schema(generator) {
        return whole(&schema.into(), generator);
    }
    let structure = match method.structure() {
        ParamStructure::Either => "either",
        ParamStructure::ByName => "by-name",
        ParamStructure::ByPosition => "by-position",
    };
    let params = method.params().iter();
    (
        structure,
        params.map(|param| param_of(param, generator)).collect(),
    )
}

fn param_of(param: &ParamInfo, generator: &mut SchemaGenerator) -> Value {
    let schema = param.schema(generator).map(Value::from);
    let schema = schema.unwrap_or(Value::Bool(true));
    let mut object = descriptor(param.name(), param.is_required(), param.doc(), schema);
    if !param.aliases().is_empty() {
        object.insert("x-aliases".to_owned(), param.aliases().into());
    }
    object.into()
}

fn descriptor(name: &str, required: bool, doc: &str, schema: Value) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("name".to_owned(), name.into());
    put_text(&mut object, "description", doc);
    object.insert("required".to_owned(), required.into());
    object.insert("schema".to_owned(), schema);
    object
}

/// Takes the params of a method that reads them as one value out of that value's schema: the
/// members of an object are its params. What is no object stands as one param.
fn whole(schema: &Value, generator: &SchemaGenerator) -> (&'static str, Vec<Value>) {
    let resolved = resolve(schema, generator);
    let Some(members) = resolved.get("properties").and_then(Value::as_object) else {
        let doc = "All the params, as one value.";
        let mut param = descriptor("params", true, doc, schema.clone());
        param.insert("x-whole".to_owned(), true.into());
        return ("by-position", vec![param.into()]);
    };
    let required: HashSet<&str> = resolved
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let params = members.iter().map(|(name, schema)| {
        let mut schema = schema.clone();
        let doc = schema
            .as_object_mut()
            .and_then(|members| members.remove("description"));
        let doc = doc.as_ref().and_then(Value::as_str).unwrap_or_default();
        descriptor(name, required.contains(&**name), doc, schema).into()
    });
    ("by-name", params.collect())
}

/// Follows a reference into the definitions made so far.
fn resolve<'a>(schema: &'a Value, generator: &'a SchemaGenerator) -> &'a Value {
    let name = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|target| {
            target
                .strip_prefix('#')?
                .strip_prefix(SCHEMAS)?
                .strip_prefix('/')
        });
    name.and_then(|name| generator.definitions().get(name))
        .unwrap_or(schema)
}

fn error(error: &ErrorInfo) -> Value {
    let message = match error.message() {
        "" => error.doc().lines().next().unwrap_or_default(),
        message => message,
    };
    json!({ "code": error.code(), "message": message })
}

fn put_text(object: &mut Map<String, Value>, name: &str, text: &str) {
    if !text.is_empty() {
        object.insert(name.to_owned(), text.into());
    }
}
