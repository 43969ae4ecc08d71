//! The handshake: who is on the other end, and does it speak the same protocol?
//!
//! Both sides send `HELLO` at once. The dialer then has the last word: `READY`, or it leaves, for
//! example because it is connected to that peer already.

use dig_service::{InboundMessage, PeerId};
use tokio::io::{AsyncRead, AsyncWrite};

use super::frame::{self, FrameError, Violation};
use super::message::opcode;

/// What every `HELLO` begins with.
const MAGIC: [u8; 4] = *b"DFN\x01";
/// The version of the protocol.
const VERSION: u16 = 1;
/// Nodes of different networks do not talk.
const NETWORK: &str = "fullnode";
/// What kind of node this is.
const NODE_TYPE: &str = concat!("fullnode/", env!("CARGO_PKG_VERSION"));
/// More than any `HELLO` needs.
const MAX_HELLO: usize = 1024;

/// What a node says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hello {
    version: u16,
    network: String,
    pub(super) peer_id: PeerId,
    pub(super) node_type: String,
}

impl Hello {
    /// What this node says of itself.
    pub(super) fn of(peer_id: PeerId) -> Self {
        Self {
            version: VERSION,
            network: NETWORK.to_owned(),
            peer_id,
            node_type: NODE_TYPE.to_owned(),
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.version.to_be_bytes());
        bytes.extend(self.peer_id);
        for text in [&self.network, &self.node_type] {
            let text = &text.as_bytes()[..text.len().min(255)];
            bytes.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
            bytes.extend(text);
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<Self, Violation> {
        let mut rest = bytes;
        if take(&mut rest, MAGIC.len())? != MAGIC {
            return Err(Violation("no greeting of this protocol".to_owned()));
        }
        let version = take(&mut rest, 2)?;
        let version = u16::from_be_bytes([version[0], version[1]]);
        let peer_id = take(&mut rest, size_of::<PeerId>())?;
        let peer_id = PeerId::try_from(peer_id).map_err(|_| cut_short())?;
        // What a later version adds comes at the end, and is left unread.
        Ok(Self {
            version,
            peer_id,
            network: text(&mut rest)?,
            node_type: text(&mut rest)?,
        })
    }
}

/// Greets, and reads the greeting of the other side.
///
/// # Cancel safety
///
/// Not cancel safe: the connection is of no use if the future is dropped.
pub(super) async fn greet(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    own: PeerId,
) -> Result<Hello, FrameError> {
    let hello = Hello::of(own);
    frame::write(stream, opcode::HELLO, &[&hello.encode()]).await?;
    let payload = expect(stream, opcode::HELLO, "a greeting").await?;
    let theirs = Hello::decode(&payload)?;
    if theirs.version != VERSION {
        let what = format!("version {}; this node speaks {VERSION}", theirs.version);
        return Err(Violation(what).into());
    }
    if theirs.network != NETWORK {
        let what = format!("network {:?}; this one is {NETWORK:?}", theirs.network);
        return Err(Violation(what).into());
    }
    Ok(theirs)
}

/// Says as the dialer that the connection will be used.
pub(super) async fn confirm(stream: &mut (impl AsyncWrite + Unpin)) -> Result<(), FrameError> {
    Ok(frame::write(stream, opcode::READY, &[]).await?)
}

/// Waits as the listener for the dialer's word.
///
/// # Cancel safety
///
/// Not cancel safe, like [`greet`].
pub(super) async fn confirmed(stream: &mut (impl AsyncRead + Unpin)) -> Result<(), FrameError> {
    expect(stream, opcode::READY, "a confirmation").await?;
    Ok(())
}

async fn expect(
    stream: &mut (impl AsyncRead + Unpin),
    expected: u8,
    what: &str,
) -> Result<Vec<u8>, FrameError> {
    let InboundMessage { opcode, payload } = frame::read(stream, MAX_HELLO).await?;
    if opcode != expected {
        let what = format!("opcode 0x{opcode:02x} where {what} should be");
        return Err(Violation(what).into());
    }
    Ok(payload)
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], Violation> {
    rest.split_off(..count).ok_or_else(cut_short)
}

fn cut_short() -> Violation {
    Violation("greeting cut short".to_owned())
}

fn text(rest: &mut &[u8]) -> Result<String, Violation> {
    let length = usize::from(take(rest, 1)?[0]);
    let bytes = take(rest, length)?;
    let text = str::from_utf8(bytes).map_err(|_| Violation("greeting not in UTF-8".to_owned()))?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_nodes_learn_who_the_other_is() {
        let (mut left, mut right) = tokio::io::duplex(4096);

        let (at_left, at_right) =
            tokio::join!(greet(&mut left, [1; 32]), greet(&mut right, [2; 32]));

        assert_eq!(at_left.unwrap(), Hello::of([2; 32]));
        assert_eq!(at_right.unwrap().node_type, NODE_TYPE);
    }

    #[tokio::test]
    async fn other_versions_and_networks_are_refused() {
        let good = Hello::of([1; 32]);
        let later = Hello {
            version: 9,
            ..good.clone()
        };
        let foreign = Hello {
            network: "other".to_owned(),
            ..good
        };

        for (hello, expected) in [(later, "version 9"), (foreign, "network \"other\"")] {
            let (mut left, mut right) = tokio::io::duplex(4096);
            frame::write(&mut right, opcode::HELLO, &[&hello.encode()])
                .await
                .unwrap();

            let error = greet(&mut left, [2; 32]).await.unwrap_err();

            let FrameError::Violation(Violation(what)) = error else {
                panic!("{error:?}");
            };
            assert!(what.contains(expected), "{what}");
        }
    }

    #[test]
    fn a_greeting_cut_anywhere_is_a_violation() {
        let bytes = Hello::of([1; 32]).encode();

        for length in 0..bytes.len() {
            assert!(Hello::decode(&bytes[..length]).is_err(), "{length} bytes");
        }
        let longer = [&bytes[..], b"more"].concat();
        assert_eq!(Hello::decode(&longer), Ok(Hello::of([1; 32])));
    }
}
