//! A server of jsonrpsee's with the methods of the node.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use jsonrpsee::RpcModule;
use jsonrpsee::core::SubscriptionError;
use jsonrpsee::core::server::{SubscriptionCloseResponse, SubscriptionMessage};
use jsonrpsee::core::traits::IdProvider;
use jsonrpsee::server::{BatchRequestConfig, Server, ServerConfig, ServerHandle};
use jsonrpsee::types::ErrorObjectOwned;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::to_raw_value;
use tokio::sync::broadcast;

use crate::chain::{Block, Range};

/// What its methods share.
pub struct Inner {
    pub heads: broadcast::Sender<u64>,
    pub noted: AtomicU64,
    /// How many subscriptions there are.
    pub open: AtomicUsize,
}

/// A server that runs.
pub struct Theirs {
    pub inner: Arc<Inner>,
    address: SocketAddr,
    handle: ServerHandle,
}

#[derive(Deserialize)]
struct GetBlock {
    height: u64,
    brief: Option<bool>,
}

#[derive(Deserialize)]
struct Add {
    a: u64,
    b: u64,
}

#[derive(Deserialize)]
struct Count {
    upto: u64,
    fails: Option<bool>,
}

fn no_block() -> ErrorObjectOwned {
    let code = dig_service::ErrorCode::ResourceNotFound.code();
    ErrorObjectOwned::owned(code, "no such block", None::<()>)
}

fn behind(by: u64) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(4001, "behind", Some(json!({ "by": by })))
}

fn calls(module: &mut RpcModule<Arc<Inner>>) -> anyhow::Result<()> {
    module.register_method("chain_getBlock", |params, _, _| {
        let GetBlock { height, brief } = params.parse()?;
        match height {
            0..10 if brief == Some(true) => Ok(Block {
                height,
                parent: None,
            }),
            0..10 => Ok(Block::new(height)),
            10..20 => Err(behind(height - 9)),
            _ => Err(no_block()),
        }
    })?;
    module.register_method("chain_add", |params, _, _| {
        let Add { a, b } = params.parse()?;
        Ok::<_, ErrorObjectOwned>(a.saturating_add(b))
    })?;
    module.register_method("chain_sum", |params, _, _| {
        let numbers: Vec<i64> = params.parse()?;
        Ok::<_, ErrorObjectOwned>(numbers.iter().sum::<i64>())
    })?;
    module.register_method("chain_heights", |params, _, _| {
        let range: Range = params.parse()?;
        Ok::<_, ErrorObjectOwned>(range.heights())
    })?;
    module.register_method("chain_echo", |params, _, _| {
        #[derive(Deserialize)]
        struct Echo {
            text: String,
        }
        let Echo { text } = params.parse()?;
        Ok::<_, ErrorObjectOwned>(text)
    })?;
    module.register_async_method("chain_sleep", async |params, _, _| {
        #[derive(Deserialize)]
        struct Sleep {
            millis: u64,
        }
        let Sleep { millis } = params.parse()?;
        tokio::time::sleep(Duration::from_millis(millis)).await;
        Ok::<_, ErrorObjectOwned>(millis)
    })?;
    module.register_method("chain_note", |_, inner, _| {
        inner.noted.fetch_add(1, Ordering::SeqCst);
    })?;
    module.register_method("chain_noted", |_, inner, _| {
        inner.noted.load(Ordering::SeqCst)
    })?;
    Ok(())
}

fn subscriptions(module: &mut RpcModule<Arc<Inner>>) -> anyhow::Result<()> {
    // The notifications have a name of their own, as it is usual there.
    module.register_subscription(
        "chain_subscribeHeads",
        "chain_head",
        "chain_unsubscribeHeads",
        async |_, pending, inner, _| {
            let mut heads = inner.heads.subscribe();
            let Ok(sink) = pending.accept().await else {
                return;
            };
            inner.open.fetch_add(1, Ordering::SeqCst);
            loop {
                tokio::select! {
                    () = sink.closed() => break,
                    head = heads.recv() => {
                        let Ok(head) = head else { break };
                        let Ok(item) = to_raw_value(&Block::new(head)) else { break };
                        if sink.send(item).await.is_err() {
                            break;
                        }
                    }
                }
            }
            inner.open.fetch_sub(1, Ordering::SeqCst);
        },
    )?;
    module.register_subscription(
        "chain_count",
        "chain_counted",
        "chain_stop_counting",
        async |params, pending, inner, _| {
            let Count { upto, fails } = match params.parse() {
                Ok(count) => count,
                Err(error) => {
                    pending.reject(error).await;
                    return SubscriptionCloseResponse::None;
                }
            };
            if upto == 0 {
                pending.reject(no_block()).await;
                return SubscriptionCloseResponse::None;
            }
            let Ok(sink) = pending.accept().await else {
                return SubscriptionCloseResponse::None;
            };
            inner.open.fetch_add(1, Ordering::SeqCst);
            for number in 0..upto {
                let item = to_raw_value(&number).unwrap_or_default();
                if sink.send(item).await.is_err() {
                    break;
                }
            }
            inner.open.fetch_sub(1, Ordering::SeqCst);
            close(upto, fails)
        },
    )?;
    Ok(())
}

/// The ways in which a method of jsonrpsee's can end a subscription.
fn close(upto: u64, fails: Option<bool>) -> SubscriptionCloseResponse {
    match (upto, fails) {
        (6, _) => {
            // What our server says when a stream has ended.
            let null = to_raw_value(&()).unwrap_or_default();
            SubscriptionCloseResponse::NotifErr(SubscriptionError::from_json(null))
        }
        (7, _) => SubscriptionCloseResponse::NotifErr(SubscriptionError::from("out of numbers")),
        (_, None) => SubscriptionCloseResponse::None,
        (_, Some(true)) => {
            let error = to_raw_value(&behind(upto)).unwrap_or_default();
            SubscriptionCloseResponse::NotifErr(SubscriptionError::from_json(error))
        }
        (_, Some(false)) => {
            let last = to_raw_value(&upto).unwrap_or_default();
            SubscriptionCloseResponse::Notif(SubscriptionMessage::from(last))
        }
    }
}

impl Theirs {
    pub async fn start(ids: impl IdProvider + 'static) -> anyhow::Result<Self> {
        let inner = Arc::new(Inner {
            heads: broadcast::Sender::new(1024),
            noted: AtomicU64::default(),
            open: AtomicUsize::default(),
        });
        let mut module = RpcModule::new(Arc::clone(&inner));
        calls(&mut module)?;
        subscriptions(&mut module)?;
        let config = ServerConfig::builder()
            .set_id_provider(ids)
            .set_batch_request_config(BatchRequestConfig::Limit(3))
            .build();
        let server = Server::builder().set_config(config);
        let server = server.build("127.0.0.1:0").await?;
        Ok(Self {
            inner,
            address: server.local_addr()?,
            handle: server.start(module),
        })
    }

    /// Where it listens.
    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    pub fn open(&self) -> usize {
        self.inner.open.load(Ordering::SeqCst)
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.handle.stop()?;
        self.handle.stopped().await;
        Ok(())
    }
}
