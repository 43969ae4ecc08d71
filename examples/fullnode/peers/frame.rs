//! Frames: a length (4 bytes, big endian), an opcode (1 byte), a payload. The length counts the
//! opcode and the payload.
//!
//! A length beyond the limit is refused before anything is allocated for it.

use std::io::{self, ErrorKind};

use dig_service::{DisconnectReason, InboundMessage};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::blob::BlobHash;
use crate::store::MAX_BLOB;

/// The longest frame is a blob: opcode, hash, bytes.
pub(super) const MAX_FRAME: usize = 1 + BlobHash::LEN + MAX_BLOB;

/// A peer broke the protocol; the text says how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Violation(pub(super) String);

/// Why no frame came.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    /// The peer closed the connection between two frames.
    #[error("the peer closed the connection")]
    Closed,
    /// The connection failed, or ended inside a frame.
    #[error("the connection failed")]
    Transport(#[from] io::Error),
    /// The frame is none.
    #[error("protocol violation")]
    Violation(#[from] Violation),
}

impl From<FrameError> for DisconnectReason {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Closed => Self::Graceful,
            FrameError::Transport(error) => Self::Transport(error.to_string()),
            FrameError::Violation(Violation(what)) => Self::ProtocolViolation(what),
        }
    }
}

/// Reads a frame of at most `limit` bytes.
///
/// # Cancel safety
///
/// Not cancel safe: a part of a frame may be lost.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    limit: usize,
) -> Result<InboundMessage, FrameError> {
    let mut length = [0; 4];
    let first = stream.read(&mut length).await?;
    if first == 0 {
        return Err(FrameError::Closed);
    }
    stream.read_exact(&mut length[first..]).await?;
    let length = u32::from_be_bytes(length) as usize;
    if length == 0 {
        return Err(Violation("empty frame".to_owned()).into());
    }
    if length > limit {
        let what = format!("frame of {length} bytes; the limit is {limit}");
        return Err(Violation(what).into());
    }
    let opcode = stream.read_u8().await?;
    let mut payload = Vec::new();
    // Grows with what really comes, not with what the length promises.
    let wanted = length as u64 - 1;
    stream.take(wanted).read_to_end(&mut payload).await?;
    if payload.len() as u64 != wanted {
        return Err(io::Error::from(ErrorKind::UnexpectedEof).into());
    }
    Ok(InboundMessage { opcode, payload })
}

/// Writes a frame whose payload comes in parts, and flushes it.
///
/// # Cancel safety
///
/// Not cancel safe: a part of the frame may have been sent.
pub(super) async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    opcode: u8,
    parts: &[&[u8]],
) -> io::Result<()> {
    let length = 1 + parts.iter().map(|part| part.len()).sum::<usize>();
    let length = u32::try_from(length).map_err(io::Error::other)?;
    let mut head = [0; 5];
    head[..4].copy_from_slice(&length.to_be_bytes());
    head[4] = opcode;
    stream.write_all(&head).await?;
    for part in parts {
        stream.write_all(part).await?;
    }
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_bytes(mut bytes: &[u8]) -> Result<InboundMessage, FrameError> {
        read(&mut bytes, 100).await
    }

    #[tokio::test]
    async fn what_was_written_is_read() {
        let mut bytes = Vec::new();
        write(&mut bytes, 9, &[b"ab", b"c"]).await.unwrap();
        write(&mut bytes, 1, &[]).await.unwrap();
        let mut stream = bytes.as_slice();

        let first = read(&mut stream, 100).await.unwrap();
        let second = read(&mut stream, 100).await.unwrap();

        assert_eq!((first.opcode, first.payload.as_slice()), (9, &b"abc"[..]));
        assert_eq!((second.opcode, second.payload.len()), (1, 0));
        assert!(matches!(
            read(&mut stream, 100).await,
            Err(FrameError::Closed)
        ));
    }

    #[tokio::test]
    async fn empty_and_oversized_frames_are_violations() {
        let oversized = [&u32::MAX.to_be_bytes()[..], &[1]].concat();

        for bytes in [&[0; 4][..], &oversized, &[0, 0, 0, 101]] {
            let error = read_bytes(bytes).await.unwrap_err();
            assert!(matches!(error, FrameError::Violation(_)), "{error:?}");
        }
        let longest = [&100_u32.to_be_bytes()[..], &[7; 100]].concat();
        assert_eq!(read_bytes(&longest).await.unwrap().payload.len(), 99);
    }

    #[tokio::test]
    async fn an_end_inside_a_frame_is_a_failure_of_the_transport() {
        for bytes in [&[0, 0][..], &[0, 0, 0, 5], &[0, 0, 0, 5, 1, 2]] {
            let error = read_bytes(bytes).await.unwrap_err();
            assert!(matches!(error, FrameError::Transport(_)), "{error:?}");
        }
    }
}
