//! The peer slot: what a service does with messages from other nodes.
//!
//! The transport is the application's: it makes the connections, and calls a [`PeerApi`] for what
//! happens on them.

use std::fmt;

use async_trait::async_trait;

/// A peer's identity; typically the SHA-256 of its certificate's public key.
pub type PeerId = [u8; 32];

/// Displays a [`PeerId`] as 64 hexadecimal digits.
///
/// # Examples
///
/// ```
/// use dig_service::PeerIdHex;
///
/// let text = PeerIdHex(&[0xab; 32]).to_string();
/// assert_eq!(text, "ab".repeat(32));
/// ```
#[derive(Clone, Copy)]
pub struct PeerIdHex<'a>(pub &'a PeerId);

impl fmt::Display for PeerIdHex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PeerIdHex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is known of a connected peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerInfo {
    /// The peer's identity.
    pub peer_id: PeerId,
    /// Where it connects from.
    pub remote_addr: String,
    /// What kind of node it says it is.
    pub node_type: String,
}

/// A message from a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundMessage {
    /// What the message is.
    pub opcode: u8,
    /// Its content, as received.
    pub payload: Vec<u8>,
}

/// Why a connection to a peer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The peer closed it.
    Graceful,
    /// This node closed it.
    LocalClose,
    /// The transport failed; the text says how.
    Transport(String),
    /// The peer broke the protocol; the text says how.
    ProtocolViolation(String),
}

/// What a service does with its peers. Every method does nothing by default.
///
/// `()` fills the slot of a service without peers.
#[async_trait]
pub trait PeerApi: Send + Sync + 'static {
    /// Called for each message of a connected peer.
    async fn on_message(&self, _peer: PeerId, _message: InboundMessage) -> anyhow::Result<()> {
        Ok(())
    }

    /// Called when a peer has connected, before its first message.
    async fn on_peer_connected(&self, _peer: PeerId, _info: PeerInfo) {}

    /// Called when a connection has ended, after its last message.
    async fn on_peer_disconnected(&self, _peer: PeerId, _reason: DisconnectReason) {}
}

#[async_trait]
impl PeerApi for () {}
