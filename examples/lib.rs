//! The examples are the `[[example]]` programs of this package; see its `Cargo.toml`.
