//! What this node tells one peer of its blobs: the journal of arrivals, page by page.

use dig_service::PeerId;
use tokio::sync::watch;

use super::PAGE;
use super::frame::Violation;
use super::message::Message;
use crate::store::{Store, StoreError};

/// Reads the journal to one peer, from the beginning and on as it grows.
///
/// What came from the peer on this connection is not announced back to it. What came from it before
/// is: it may have lost it.
#[derive(Debug)]
pub(super) struct Announcer {
    store: Store,
    peer: PeerId,
    arrivals: watch::Receiver<u64>,
    /// The last place when the peer connected.
    connected_at: u64,
    /// The last place that was read out.
    place: u64,
    /// Whether the peer is ready for a page.
    has_credit: bool,
}

impl Announcer {
    pub(super) fn new(store: Store, peer: PeerId) -> Self {
        let mut arrivals = store.watch_arrivals();
        let connected_at = *arrivals.borrow_and_update();
        arrivals.mark_changed();
        Self {
            store,
            peer,
            arrivals,
            connected_at,
            place: 0,
            has_credit: true,
        }
    }

    /// The peer is ready for the next page.
    pub(super) fn credit(&mut self) -> Result<(), Violation> {
        if self.has_credit {
            let what = "asked for more without having been told anything";
            return Err(Violation(what.to_owned()));
        }
        self.has_credit = true;
        Ok(())
    }

    /// Waits until there is something to tell, and the peer is ready for it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was read and not returned is read again.
    pub(super) async fn next(&mut self) -> Result<Message, StoreError> {
        if !self.has_credit {
            return std::future::pending().await;
        }
        loop {
            let page = self.store.arrivals(self.place, PAGE).await?;
            let Some(last) = page.last() else {
                if self.arrivals.changed().await.is_err() {
                    return std::future::pending().await;
                }
                continue;
            };
            self.place = last.place;
            let is_news = |origin, place| origin != self.peer || place <= self.connected_at;
            let hashes: Vec<_> = page
                .iter()
                .filter(|arrival| is_news(arrival.origin, arrival.place))
                .map(|arrival| arrival.hash)
                .collect();
            if !hashes.is_empty() {
                self.has_credit = false;
                return Ok(Message::Announce(hashes));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::blob::{Blob, BlobHash};
    use crate::testing::TempDir;

    const OWN: PeerId = [1; 32];
    const PEER: PeerId = [2; 32];

    async fn put(store: &Store, text: &str, origin: PeerId) -> BlobHash {
        let blob = Blob::new(text.as_bytes().to_vec());
        store.put(blob, origin).await.unwrap().hash
    }

    #[tokio::test]
    async fn what_came_on_this_connection_is_not_told_back_and_what_came_before_is() {
        let dir = TempDir::new();
        let store = Store::new(dir.path().to_path_buf());
        store.open().await.unwrap();
        let before = put(&store, "before", PEER).await;
        let mut announcer = Announcer::new(store.clone(), PEER);
        put(&store, "on this connection", PEER).await;
        let own = put(&store, "own", OWN).await;

        let page = announcer.next().await.unwrap();

        assert_eq!(page, Message::Announce(vec![before, own]));
    }

    #[tokio::test]
    async fn nothing_is_told_without_credit_and_credit_cannot_be_given_twice() {
        let dir = TempDir::new();
        let store = Store::new(dir.path().to_path_buf());
        store.open().await.unwrap();
        let mut announcer = Announcer::new(store.clone(), PEER);
        assert!(announcer.credit().is_err());
        let first = put(&store, "first", OWN).await;
        assert_eq!(
            announcer.next().await.unwrap(),
            Message::Announce(vec![first])
        );

        let second = put(&store, "second", OWN).await;
        assert!(announcer.next().now_or_never().is_none());
        announcer.credit().unwrap();

        let page = announcer.next().await.unwrap();
        assert_eq!(page, Message::Announce(vec![second]));
    }
}
