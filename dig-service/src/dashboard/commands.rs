//! A command on its way: checked, looked up, written down, carried out, answered.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout, timeout_at};
use uuid::Uuid;

use crate::control::ServiceHandle;
use crate::dashboard::audit::AuditFile;
use crate::dashboard::execute::{carry_out, failed, refused};
use crate::dashboard::peer::Peer;
use crate::dashboard::replay::{Answer, Pending, Seen};
use crate::dashboard::{
    ControlCommandKind, ControlCommandRequest, DashboardError, DashboardErrorCode,
    DashboardIpcService, DashboardStage, IpcRequest, IpcResult, validate_command,
};
use crate::tasks::{TaskKind, TaskOptions};

impl DashboardIpcService {
    /// Answers a command.
    pub(super) async fn command(
        &self,
        request: &IpcRequest,
        kind: ControlCommandKind,
        peer: Peer,
    ) -> Result<IpcResult, DashboardError> {
        let mut command: ControlCommandRequest = request.params()?;
        validate_command(&command)?;
        if command.command != kind {
            let what = format!(
                "method `{}` carries command `{}`",
                request.method.label(),
                command.command
            );
            return Err(DashboardError::invalid(what));
        }
        if command.target_id != **self.target_id() {
            let what = "command target_id must match target process";
            return Err(DashboardError::invalid(what));
        }
        // However it is spelt, it is the same id.
        let id = Uuid::parse_str(&command.command_id);
        let id = id.map_err(|_| DashboardError::invalid("command_id must be a UUID"))?;
        let given = std::mem::replace(&mut command.command_id, id.to_string());
        let mut pending = self.begin(id, command.clone(), peer)?;
        let done = pending.wait_for(Option::is_some).await;
        let done = done.ok().and_then(|answer| answer.clone());
        // Without an answer its task was dropped, with its runtime.
        let mut result = match done {
            Some(answer) => answer?,
            None => failed(&command, self.gone()),
        };
        result.command_id = given;
        Ok(IpcResult::CommandResult {
            target_id: self.target_id().to_string(),
            result: Box::new(result),
        })
    }

    /// Begins a command, unless it was begun before; it goes on whether or not anybody waits.
    fn begin(
        &self,
        id: Uuid,
        command: ControlCommandRequest,
        peer: Peer,
    ) -> Result<Pending, DashboardError> {
        let seen = self
            .inner
            .replays
            .lock()
            .see(peer.uid, id, &command, Instant::now());
        let replay =
            |code, what: &str| DashboardError::new(code, DashboardStage::ReplayProtection, what);
        let sender = match seen {
            Seen::Again(pending) => return Ok(pending),
            Seen::First(sender) => Arc::new(sender),
            Seen::OtherBody => {
                let what = "command_id was used for another command; a new command needs a new id";
                return Err(DashboardError::invalid(what));
            }
            Seen::OtherUser => {
                let what = "command_id was used by another user";
                return Err(replay(DashboardErrorCode::ReplayDetected, what));
            }
            Seen::Full => {
                let what = "too many commands are being carried out; wait for some of them";
                return Err(replay(DashboardErrorCode::TargetUnavailable, what).retryable());
            }
        };
        let pending = sender.subscribe();
        let gone = failed(&command, self.gone());
        let Some(handle) = self.handle.clone() else {
            sender.send_replace(Some(Ok(gone)));
            return Ok(pending);
        };
        let (service, answer) = (self.clone(), Arc::clone(&sender));
        let tasks = handle.transport_tasks().clone();
        let doing = async move {
            let done = service.carry_out(&handle, &command, peer).await;
            if done.is_err() {
                // Nothing was done: the id may be used again.
                service.inner.replays.lock().forget(id);
            }
            answer.send_replace(Some(done));
            Ok(())
        };
        let options = TaskOptions::new(TaskKind::RpcHandler);
        if tasks.detach("dashboard.command", options, doing).is_err() {
            sender.send_replace(Some(Ok(gone)));
        }
        Ok(pending)
    }

    /// Writes a command down, and carries it out, both within its time.
    async fn carry_out(
        &self,
        handle: &ServiceHandle,
        command: &ControlCommandRequest,
        peer: Peer,
    ) -> Answer {
        let limit = self.config().command_timeout();
        let deadline = Instant::now() + limit;
        if let Some(audit) = &self.inner.audit {
            let written = timeout(limit, self.audited(audit, handle, command, peer)).await;
            written.unwrap_or_else(|_| audit.failed("it takes too long to write"))?;
        }
        let done = timeout_at(deadline, carry_out(handle, command, peer)).await;
        Ok(done.unwrap_or_else(|_| {
            let what = format!("no answer within {limit:?}; the command may still be carried out");
            refused(command, DashboardErrorCode::CommandTimeout, what)
        }))
    }

    /// Writes a command down, on a thread that may block.
    async fn audited(
        &self,
        audit: &Arc<AuditFile>,
        handle: &ServiceHandle,
        command: &ControlCommandRequest,
        peer: Peer,
    ) -> Result<(), DashboardError> {
        let (told, is_told) = oneshot::channel();
        let (file, command) = (Arc::clone(audit), command.clone());
        let write = move |_| {
            // An error means that nobody waits any more.
            let _ = told.send(file.write(&command, peer));
            Ok(())
        };
        let tasks = handle.transport_tasks();
        match tasks.spawn_blocking("dashboard.audit", TaskKind::RpcHandler, write) {
            Ok(_) => is_told.await.unwrap_or_else(|_| Err(self.gone())),
            Err(_) => Err(self.gone()),
        }
    }
}
