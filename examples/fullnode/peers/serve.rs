//! The tasks that make and keep connections.

use std::time::Duration;

use dig_service::{TaskKind, TaskOptions, TaskRegistry};
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::api::Peers;
use super::dial::PeerAddr;

/// How often it is looked for requests that are overdue.
const RETRY_EVERY: Duration = Duration::from_secs(1);

impl Peers {
    /// Starts to take connections in, if there is a listener, and to dial. Returns at once; all of
    /// it ends with the registry's token.
    pub(crate) fn serve(
        &self,
        listener: Option<TcpListener>,
        addrs: &[PeerAddr],
        tasks: &TaskRegistry,
    ) {
        let background = TaskOptions::new(TaskKind::BackgroundLoop);
        // Without it nothing that comes is stored, and the node is of no use to its peers.
        let keeper = background.clone().critical().may_finish();
        let peers = self.clone();
        until_stop(tasks, "keeper", keeper, async move { peers.keep().await });
        let peers = self.clone();
        let retry = TaskOptions::new(TaskKind::Maintenance);
        until_stop(tasks, "retry", retry, async move {
            loop {
                sleep(RETRY_EVERY).await;
                peers.retry_overdue();
            }
        });
        if let Some(listener) = listener {
            let (peers, registry) = (self.clone(), tasks.clone());
            let options = background.clone();
            until_stop(tasks, "listener", options, async move {
                peers.listen(listener, &registry).await;
            });
        }
        for addr in addrs {
            let (peers, addr, registry) = (self.clone(), addr.clone(), tasks.clone());
            let options = background.clone().label(addr.to_string());
            until_stop(tasks, "dialer", options, async move {
                peers.dial(&addr, &registry).await;
            });
        }
    }
}

/// Spawns a task that is dropped where it stands when the service stops.
fn until_stop(
    tasks: &TaskRegistry,
    name: &'static str,
    options: TaskOptions,
    work: impl Future<Output = ()> + Send + 'static,
) {
    tasks.spawn_with(name, options, |cx| async move {
        tokio::select! {
            biased;
            () = cx.shutdown.cancelled() => {}
            () = work => {}
        }
        Ok(())
    });
}
