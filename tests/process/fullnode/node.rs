//! A running node.

use std::process::Command;

use serde_json::{Value, json};

use super::client::Client;
use crate::child::{Exit, Process};
use crate::support::{eventually, example};

/// A node that has said that it is ready; killed when dropped.
pub(crate) struct Node {
    process: Process,
    /// Where it answers RPC calls: `HOST:PORT`.
    pub(crate) rpc: String,
    /// Where it listens for peers, or `-`.
    pub(crate) peer: String,
    pub(crate) ready: String,
}

/// The program, with arguments.
pub(crate) fn fullnode(arguments: &[&str]) -> Command {
    let mut command = Command::new(example("fullnode"));
    command.env_remove("RUST_LOG").args(arguments);
    command
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Exit {
    Process::start(fullnode(arguments)).finish()
}

impl Node {
    /// Starts a node that listens for peers.
    pub(crate) fn start(data: &str, more: &[&str]) -> Self {
        Self::start_at(data, "127.0.0.1:0", more)
    }

    /// Starts a node that listens for peers at this address.
    pub(crate) fn start_at(data: &str, peer: &str, more: &[&str]) -> Self {
        let common = [
            "--data",
            data,
            "--rpc",
            "127.0.0.1:0",
            "--peer-listen",
            peer,
        ];
        Self::launch(fullnode(&[&common, more].concat()))
    }

    pub(crate) fn launch(command: Command) -> Self {
        let mut process = Process::start(command);
        let ready = process.wait_for_line_with("ready ");
        let field = |name: &str| {
            let mut words = ready.split(' ');
            let value = words.find_map(|word| word.strip_prefix(name));
            value
                .unwrap_or_else(|| panic!("no {name} in {ready}"))
                .to_owned()
        };
        Self {
            rpc: field("rpc=http://"),
            peer: field("peer="),
            process,
            ready,
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.rpc).expect("the node takes connections")
    }

    /// Calls a method and returns its result.
    pub(crate) fn call(&self, method: &str, params: Value) -> Value {
        let response = self.client().send(method, params).expect("an answer");
        let result = response.get("result").cloned();
        result.unwrap_or_else(|| panic!("{method}: {response}"))
    }

    /// Calls a method and returns its error: code and message.
    pub(crate) fn refusal(&self, method: &str, params: Value) -> (i64, String) {
        let response = self.client().send(method, params).expect("an answer");
        let error = &response["error"];
        let code = error["code"].as_i64();
        let code = code.unwrap_or_else(|| panic!("no error: {response}"));
        // What the server says in general and what it says in particular.
        (code, format!("{} {}", error["message"], error["data"]))
    }

    /// Puts a text and returns its hash.
    pub(crate) fn put(&self, text: &str) -> String {
        let put = self.call("store.put", json!({ "data": text }));
        put["hash"].as_str().expect("a hash").to_owned()
    }

    /// Reads a text, if it is there.
    pub(crate) fn text(&self, hash: &str) -> Option<String> {
        let params = json!({ "hash": hash });
        let response = self.client().send("store.get", params).expect("an answer");
        Some(response.get("result")?["data"].as_str()?.to_owned())
    }

    pub(crate) fn blobs(&self) -> u64 {
        let stat = self.call("store.stat", json!({}));
        stat["blobs"].as_u64().expect("a number")
    }

    pub(crate) fn wait_for_blobs(&self, count: u64) {
        let what = format!("{count} blobs");
        eventually(&what, || (self.blobs() == count).then_some(()));
    }

    pub(crate) fn wait_for_peers(&self, count: usize) {
        let what = format!("{count} peers");
        eventually(&what, || (self.peers() == count).then_some(()));
    }

    pub(crate) fn peers(&self) -> usize {
        let peers = self.call("node.peers", json!({}));
        peers.as_array().expect("a list").len()
    }

    pub(crate) fn violations(&self) -> u64 {
        let info = self.call("node.info", json!({}));
        info["protocol_violations"].as_u64().expect("a number")
    }

    /// Sends SIGTERM and waits for the end.
    pub(crate) fn stop(self) -> Exit {
        self.process.signal("TERM");
        self.process.finish()
    }

    /// Waits for the end, which has been asked for.
    pub(crate) fn finish(self) -> Exit {
        self.process.finish()
    }

    /// Sends SIGKILL.
    pub(crate) fn kill(self) {
        self.process.kill();
    }
}
