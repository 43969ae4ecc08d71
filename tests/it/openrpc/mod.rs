//! `rpc.discover`: what is said of a node, in a format that others can read.

#![expect(
    clippy::needless_pass_by_value,
    clippy::unused_async,
    clippy::unused_self,
    reason = "the methods have the signatures that are described, not those they need"
)]

pub(crate) mod node;

use std::error::Error;

use dig_service::{RpcApi, Service};
use jsonschema::Validator;
use serde_json::{Value, json};

use self::node::Chain;

const META_SCHEMA: &str = include_str!("meta_schema.json");
const JSON_SCHEMA: &str = include_str!("json_schema.json");
const DOCUMENT: &str = include_str!("document.json");

/// What validates documents: the published schema, and the one that it refers to.
fn validator() -> Result<Validator, Box<dyn Error>> {
    let mut meta: Value = serde_json::from_str(META_SCHEMA)?;
    let mut json: Value = serde_json::from_str(JSON_SCHEMA)?;
    // Both name the second as the schema that they are written in. It is draft 7 under another name.
    for schema in [&mut meta, &mut json] {
        schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    }
    let registry = jsonschema::Registry::new()
        .add("https://meta.json-schema.tools", json)?
        .prepare()?;
    Ok(jsonschema::options()
        .with_registry(&registry)
        .build(&meta)?)
}

async fn discovered() -> Value {
    let chain = Chain(());
    let document = chain.dispatch("rpc.discover", Value::Null).await;
    document.unwrap_or_default()
}

#[tokio::test]
async fn document_is_what_the_block_says() {
    let document = discovered().await;
    let written = serde_json::to_string_pretty(&document).unwrap() + "\n";

    if std::env::var_os("BLESS").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/it/openrpc/document.json");
        std::fs::write(file, &written).unwrap();
    }
    let expected = if std::env::var_os("BLESS").is_some() {
        &written
    } else {
        DOCUMENT
    };
    assert_eq!(written, *expected, "set BLESS=1 to take the new one");
}

#[tokio::test]
async fn document_is_valid_by_the_published_schema() {
    let document = discovered().await;

    let validator = validator().unwrap();
    let faults: Vec<String> = validator
        .iter_errors(&document)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert_eq!(faults, [""; 0]);

    let mut broken = document;
    broken["methods"][0]["params"][0]["schema"] = json!(3);
    assert!(!validator.is_valid(&broken), "the schema refuses nothing");
}

#[tokio::test]
async fn references_lead_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(
                    members
                        .get("$ref")
                        .and_then(Value::as_str)
                        .map(str::to_owned),
                );
                members
                    .values()
                    .for_each(|member| references(member, found));
            }
            Value::Array(elements) => elements.iter().for_each(|one| references(one, found)),
            _ => {}
        }
    }
    let document = discovered().await;

    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 1, "{found:?}");
    for target in found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}

#[tokio::test]
async fn discover_takes_no_params_and_is_not_there_without_the_option() {
    struct Plain;
    #[dig_service::node]
    impl Plain {
        #[rpc]
        fn get(&self) -> u8 {
            0
        }
    }

    let refused = Chain(()).dispatch("rpc.discover", json!([1])).await;
    assert_eq!(refused.unwrap_err().code.code(), -32602);
    let absent = Plain.dispatch("rpc.discover", Value::Null).await;
    assert_eq!(absent.unwrap_err().code.code(), -32601);
}

#[tokio::test]
async fn struct_with_methods_is_described_too() {
    #[dig_service::node(name = "relay")]
    struct Relay;
    /// Relays.
    #[dig_service::methods(namespace = "relay", discover, admin)]
    impl Relay {
        /// How many there are.
        #[rpc]
        fn peers(&self) -> u32 {
            0
        }
    }

    let service = Service::for_node(Relay);
    let document = service
        .rpc_api()
        .dispatch("rpc.discover", Value::Null)
        .await;
    let document = document.unwrap();

    assert_eq!(document["info"]["title"], "Relay");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["info"]["description"], "Relays.");
    assert_eq!(document["methods"][0]["name"], "relay_peers");
    let names = document["methods"].as_array().unwrap().iter();
    let admin = names.filter(|method| method["x-tier"] == "admin");
    assert_eq!(admin.count(), 9);
    assert!(validator().unwrap().is_valid(&document));
}
