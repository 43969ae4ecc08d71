//! dig-service with its defaults.

use anyhow::Context;
use dig_service::rpc_http::{HttpOptions, WebSocketOptions};
use dig_service::{Phase, Service, ShutdownReason};

use crate::serve::{ADDRESS, Until, announce};

struct Node;

/// Writes a node that adds in 32 ways.
macro_rules! methods {
    ($($name:ident)+) => {
        #[dig_service::node(name = "bench")]
        impl Node {
            $(#[rpc]
            fn $name(&self, a: u64, b: u64) -> u64 {
                a + b
            })+
        }
    };
}

methods! {
    method_00 method_01 method_02 method_03 method_04 method_05 method_06 method_07
    method_08 method_09 method_10 method_11 method_12 method_13 method_14 method_15
    method_16 method_17 method_18 method_19 method_20 method_21 method_22 method_23
    method_24 method_25 method_26 method_27 method_28 method_29 method_30 method_31
}

pub(super) async fn serve(until: Until) -> anyhow::Result<()> {
    let options = HttpOptions::new(ADDRESS).websocket(WebSocketOptions::new());
    let service = Service::node_builder(Node).rpc_http_with(options).build();
    let handle = service.handle();
    let running = async {
        let mut phase = handle.phase();
        phase.wait_for(|phase| *phase == Phase::Running).await?;
        announce(handle.rpc_http_addr().context("it listens")?)?;
        until.reached().await;
        handle.request_shutdown(ShutdownReason::UserRequested);
        anyhow::Ok(())
    };
    let (ended, ran) = tokio::join!(service.start(), running);
    ended?;
    ran
}
