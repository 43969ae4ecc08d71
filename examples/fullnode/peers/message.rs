//! What the frames of a connection say, after the handshake.

use std::io;

use dig_service::InboundMessage;
use tokio::io::AsyncWrite;

use super::PAGE;
use super::frame::{self, Violation};
use crate::blob::{Blob, BlobHash};

/// The opcodes, the handshake's included.
pub(super) mod opcode {
    pub(in super::super) const HELLO: u8 = 0x01;
    pub(in super::super) const READY: u8 = 0x02;
    pub(in super::super) const ANNOUNCE: u8 = 0x10;
    pub(in super::super) const MORE: u8 = 0x11;
    pub(in super::super) const REQUEST: u8 = 0x20;
    pub(in super::super) const BLOB: u8 = 0x21;
    pub(in super::super) const ABSENT: u8 = 0x22;
    pub(in super::super) const PING: u8 = 0x30;
}

/// A message between two nodes that have greeted each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// "I have these."
    Announce(Vec<BlobHash>),
    /// "I am through with most of your last announcement."
    More,
    /// "Give me this."
    Request(BlobHash),
    /// "Here it is."
    Blob(Blob),
    /// "I do not have this any more."
    Absent(BlobHash),
    /// "I am here."
    Ping,
}

impl Message {
    /// Reads a message.
    pub(super) fn decode(inbound: InboundMessage) -> Result<Self, Violation> {
        let InboundMessage { opcode, payload } = inbound;
        match opcode {
            opcode::ANNOUNCE => announcement(&payload).map(Self::Announce),
            opcode::MORE => empty(&payload).map(|()| Self::More),
            opcode::REQUEST => one_hash(&payload).map(Self::Request),
            opcode::BLOB => blob(payload),
            opcode::ABSENT => one_hash(&payload).map(Self::Absent),
            opcode::PING => empty(&payload).map(|()| Self::Ping),
            other => Err(Violation(format!("unknown opcode 0x{other:02x}"))),
        }
    }

    /// Writes a message as a frame.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: a part of the frame may have been sent.
    pub(super) async fn send(&self, stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        match self {
            Self::Announce(hashes) => {
                let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
                frame::write(stream, opcode::ANNOUNCE, &[&bytes]).await
            }
            Self::More => frame::write(stream, opcode::MORE, &[]).await,
            Self::Request(hash) => frame::write(stream, opcode::REQUEST, &[&hash.0]).await,
            Self::Blob(blob) => {
                let parts: [&[u8]; 2] = [&blob.hash().0, blob.bytes()];
                frame::write(stream, opcode::BLOB, &parts).await
            }
            Self::Absent(hash) => frame::write(stream, opcode::ABSENT, &[&hash.0]).await,
            Self::Ping => frame::write(stream, opcode::PING, &[]).await,
        }
    }
}

fn announcement(payload: &[u8]) -> Result<Vec<BlobHash>, Violation> {
    let (hashes, rest) = payload.as_chunks::<{ BlobHash::LEN }>();
    if hashes.is_empty() || !rest.is_empty() || hashes.len() > PAGE {
        let length = payload.len();
        let what = format!("announcement of {length} bytes: not 1 to {PAGE} hashes");
        return Err(Violation(what));
    }
    Ok(hashes.iter().copied().map(BlobHash).collect())
}

fn one_hash(payload: &[u8]) -> Result<BlobHash, Violation> {
    let hash = payload.try_into().map_err(|_| {
        let length = payload.len();
        Violation(format!("{length} bytes where a hash should be"))
    })?;
    Ok(BlobHash(hash))
}

/// INV-P3: a blob that is not what its hash says does not leave this function.
fn blob(mut payload: Vec<u8>) -> Result<Message, Violation> {
    let Some((hash, _)) = payload.split_first_chunk::<{ BlobHash::LEN }>() else {
        return Err(Violation("blob without a hash".to_owned()));
    };
    let hash = BlobHash(*hash);
    payload.drain(..BlobHash::LEN);
    let blob = Blob::new(payload);
    if blob.hash() != hash {
        return Err(Violation(format!("corrupt blob: not the bytes of {hash}")));
    }
    Ok(Message::Blob(blob))
}

fn empty(payload: &[u8]) -> Result<(), Violation> {
    match payload.len() {
        0 => Ok(()),
        more => Err(Violation(format!("{more} bytes where none should be"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(opcode: u8, payload: &[u8]) -> Result<Message, Violation> {
        let payload = payload.to_vec();
        Message::decode(InboundMessage { opcode, payload })
    }

    #[tokio::test]
    async fn every_message_survives_the_wire() {
        let hash = BlobHash::of(b"bytes");
        let messages = [
            Message::Announce(vec![hash; PAGE]),
            Message::More,
            Message::Request(hash),
            Message::Blob(Blob::new(b"bytes".to_vec())),
            Message::Absent(hash),
            Message::Ping,
        ];

        for message in messages {
            let mut bytes = Vec::new();
            message.send(&mut bytes).await.unwrap();
            let inbound = frame::read(&mut bytes.as_slice(), frame::MAX_FRAME)
                .await
                .unwrap();
            assert_eq!(Message::decode(inbound), Ok(message));
        }
    }

    #[test]
    fn malformed_messages_are_violations() {
        let corrupt = [&BlobHash::of(b"a").0[..], b"b"].concat();
        let cases: [(u8, &[u8], &str); 8] = [
            (0xff, b"", "unknown opcode 0xff"),
            (opcode::HELLO, b"", "unknown opcode 0x01"),
            (opcode::ANNOUNCE, b"", "not 1 to 1000 hashes"),
            (opcode::ANNOUNCE, &[0; 33], "not 1 to 1000 hashes"),
            (opcode::REQUEST, &[0; 31], "31 bytes where a hash"),
            (opcode::BLOB, &[0; 31], "blob without a hash"),
            (opcode::BLOB, &corrupt, "corrupt blob"),
            (opcode::PING, b"x", "1 bytes where none"),
        ];

        for (opcode, payload, expected) in cases {
            let Violation(what) = decode(opcode, payload).unwrap_err();
            assert!(what.contains(expected), "{what}");
        }
        assert!(decode(opcode::ANNOUNCE, &vec![0; 32 * (PAGE + 1)]).is_err());
    }
}
