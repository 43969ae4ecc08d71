//! A peer that breaks the protocol loses its connection, and nothing else happens.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use super::node::Node;
use crate::support::{PATIENCE, TempDir, eventually};

const HELLO: u8 = 0x01;
const READY: u8 = 0x02;
const ANNOUNCE: u8 = 0x10;
const REQUEST: u8 = 0x20;
const BLOB: u8 = 0x21;

/// A peer that can be made to say anything.
struct Rogue {
    stream: TcpStream,
}

impl Rogue {
    fn connect(node: &Node) -> Self {
        let stream = TcpStream::connect(&node.peer).expect("the node listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Self { stream }
    }

    /// Connects, and says what a good peer says.
    fn greeted(node: &Node) -> Self {
        let mut rogue = Self::connect(node);
        let hello = [
            b"DFN\x01\x00\x01".as_slice(),
            &[0x77; 32],
            b"\x08fullnode",
            b"\x05rogue",
        ]
        .concat();
        rogue.say(HELLO, &hello);
        rogue.say(READY, b"");
        node.wait_for_peers(2);
        rogue
    }

    fn say(&mut self, opcode: u8, payload: &[u8]) {
        let length = u32::try_from(1 + payload.len()).expect("a small frame");
        self.send(&[&length.to_be_bytes(), &[opcode][..], payload].concat());
    }

    fn send(&mut self, bytes: &[u8]) {
        // The node may have hung up before it has read all of it.
        let _ = self.stream.write_all(bytes);
    }

    /// Reads frames until one with this opcode.
    fn hear(&mut self, opcode: u8) -> Vec<u8> {
        loop {
            let mut head = [0; 5];
            self.stream.read_exact(&mut head).expect("a frame");
            let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
            let mut payload = vec![0; length - 1];
            self.stream.read_exact(&mut payload).expect("a frame");
            if head[4] == opcode {
                return payload;
            }
        }
    }

    /// Waits until the node hangs up.
    fn wait_for_the_end(mut self) {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
        }
    }
}

/// Lets a rogue loose on a node that has a good peer, and looks whether all else goes on.
fn costs_only_that_connection(misbehave: impl Fn(&Node, [u8; 32]) -> Rogue) {
    let dir = TempDir::new();
    let node = Node::start(&dir.join("node"), &[]);
    let good = Node::start(&dir.join("good"), &["--connect", &node.peer]);
    node.wait_for_peers(1);
    let known = node.put(&"x".repeat(1024 * 1024));

    misbehave(&node, bytes_of(&known)).wait_for_the_end();

    eventually("the violation", || (node.violations() == 1).then_some(()));
    node.wait_for_peers(1);
    let hash = node.put("all goes on");
    let text = eventually("the blob", || good.text(&hash));
    assert_eq!(text, "all goes on");
    assert_eq!(good.violations(), 0);
    assert_eq!(good.blobs(), 2, "nothing of the rogue's was stored");
    let exit = node.stop();
    assert_eq!(exit.code, Some(0));
    assert!(
        exit.stderr.contains("protocol violation"),
        "{}",
        exit.stderr
    );
}

#[test]
fn a_stranger_that_speaks_something_else() {
    costs_only_that_connection(|node, _| {
        let mut rogue = Rogue::connect(node);
        rogue.send(b"GET / HTTP/1.1\r\n\r\n");
        rogue
    });
}

#[test]
fn an_oversized_frame() {
    costs_only_that_connection(|node, _| {
        let mut rogue = Rogue::greeted(node);
        rogue.send(&[0xff, 0xff, 0xff, 0xff, BLOB]);
        rogue
    });
}

#[test]
fn an_unknown_opcode() {
    costs_only_that_connection(|node, _| {
        let mut rogue = Rogue::greeted(node);
        rogue.say(0xee, b"?");
        rogue
    });
}

#[test]
fn a_blob_that_nobody_asked_for() {
    costs_only_that_connection(|node, _| {
        let mut rogue = Rogue::greeted(node);
        // The SHA-256 of "abc".
        let hash = bytes_of("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        rogue.say(BLOB, &[&hash, b"abc".as_slice()].concat());
        rogue
    });
}

#[test]
fn a_blob_that_is_not_what_was_asked_for() {
    costs_only_that_connection(|node, _| {
        let mut rogue = Rogue::greeted(node);
        let hash = [0x99; 32];
        rogue.say(ANNOUNCE, &hash);
        assert_eq!(rogue.hear(REQUEST), hash);
        rogue.say(BLOB, &[&hash, b"forged".as_slice()].concat());
        rogue
    });
}

#[test]
fn more_requests_than_the_window_allows() {
    costs_only_that_connection(|node, known| {
        let mut rogue = Rogue::greeted(node);
        for _ in 0..1000 {
            rogue.say(REQUEST, &known);
        }
        rogue
    });
}

fn bytes_of(hash: &str) -> [u8; 32] {
    std::array::from_fn(|byte| {
        let digits = &hash[2 * byte..2 * byte + 2];
        u8::from_str_radix(digits, 16).expect("a hash in hexadecimal")
    })
}
