//! Wires the JSON-RPC server into the service.
