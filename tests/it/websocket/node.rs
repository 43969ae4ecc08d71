//! A node that pushes.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use dig_service::{ErrorCode, JsonRpcError, RpcContext};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::{Semaphore, SemaphorePermit, broadcast};

#[derive(Debug, PartialEq, dig_service::RpcError)]
pub(super) enum FeedError {
    /// There is no such feed.
    #[rpc_error(code = 4001, message = "no such feed")]
    Absent,
    #[rpc_error(code = 4002, message = "dried up", fields)]
    Dry { after: u64 },
}

pub(super) struct Feeds {
    pub(super) heads: broadcast::Sender<u64>,
    /// How many streams are there.
    pub(super) open: Arc<AtomicUsize>,
    /// How many items of `numbers` were made.
    pub(super) made: Arc<AtomicUsize>,
    /// Lets one call of `hold` go for each permit.
    pub(super) gate: Arc<Semaphore>,
}

impl Default for Feeds {
    fn default() -> Self {
        Self {
            heads: broadcast::Sender::new(1024),
            open: Arc::default(),
            made: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
        }
    }
}

/// Counts a stream while it is there.
struct Open(Arc<AtomicUsize>);

impl Open {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Panics when it is polled.
pub(super) struct Bomb;

impl Stream for Bomb {
    type Item = u64;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
        panic!("the stream panics")
    }
}

#[dig_service::node(name = "feeds", namespace = "feed", client = FeedsClient)]
impl Feeds {
    /// The heads from now on.
    #[rpc(subscription)]
    fn subscribe_heads(&self) -> impl Stream<Item = u64> + Send + use<> {
        let open = Open::new(&self.open);
        let heads = self.heads.subscribe();
        stream::unfold((heads, open), async |(mut heads, open)| {
            let head = heads.recv().await.ok()?;
            Some((head, (heads, open)))
        })
    }

    /// Numbers up to a limit, as fast as they are taken.
    #[rpc(subscription, unsubscribe = "stop_counting")]
    async fn numbers(
        &self,
        upto: u64,
        size: Option<usize>,
    ) -> Result<impl Stream<Item = Result<String, FeedError>> + Send + use<>, FeedError> {
        if upto == 0 {
            return Err(FeedError::Absent);
        }
        let (made, size) = (Arc::clone(&self.made), size.unwrap_or(1));
        let open = Open::new(&self.open);
        Ok(stream::iter(0..).map(move |number| {
            let _open = &open;
            made.fetch_add(1, Ordering::SeqCst);
            match number < upto {
                true => Ok(format!("{number:0>size$}")),
                false => Err(FeedError::Dry { after: upto }),
            }
        }))
    }

    #[rpc(subscription)]
    fn few(&self, upto: u64) -> stream::BoxStream<'static, u64> {
        stream::iter(0..upto).boxed()
    }

    #[rpc(subscription)]
    fn bomb(&self) -> Pin<Box<dyn Stream<Item = u64> + Send>> {
        Box::pin(Bomb)
    }

    #[rpc]
    async fn sleep(&self, millis: u64) -> u64 {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        millis
    }

    /// Waits for the gate.
    #[rpc]
    async fn hold(&self) -> bool {
        self.gate
            .acquire()
            .await
            .map(SemaphorePermit::forget)
            .is_ok()
    }

    /// Counts among what was made, later.
    #[rpc]
    async fn mark(&self, millis: u64) {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        self.made.fetch_add(1, Ordering::SeqCst);
    }

    #[rpc]
    fn add(&self, a: u64, b: u64) -> u64 {
        a + b
    }

    #[rpc]
    fn large(&self, bytes: usize) -> String {
        "x".repeat(bytes)
    }

    #[rpc]
    fn who(&self, cx: &RpcContext) -> Result<String, JsonRpcError> {
        let user = cx.extension::<String>().cloned();
        let user = user.ok_or_else(|| JsonRpcError::from(ErrorCode::PermissionDenied))?;
        Ok(format!("{user} over {}", cx.transport()))
    }
}
