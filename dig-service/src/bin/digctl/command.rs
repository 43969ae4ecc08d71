//! Commands: confirmed if they are dangerous, sent, and told.

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use dig_service::dashboard::{
    ControlCommandKind, ControlCommandRequest, ControlCommandResult, Pushed, StateDelta,
};

use crate::args::{Audit, Child};
use crate::outcome::Failure;
use crate::run::{Output, connect};

/// A command in the making.
#[derive(Debug)]
pub(crate) struct Order {
    kind: ControlCommandKind,
    socket: PathBuf,
    output: Output,
    is_confirmed: bool,
}

impl Order {
    pub(crate) fn new(
        kind: ControlCommandKind,
        socket: &Path,
        output: Output,
        is_confirmed: bool,
    ) -> Self {
        Self {
            kind,
            socket: socket.to_owned(),
            output,
            is_confirmed,
        }
    }

    pub(crate) async fn of_child(self, child: Child) -> Result<(), Failure> {
        let what = format!("child `{}`", child.child);
        let name = child.child;
        let fill = |command: ControlCommandRequest| command.child(name);
        self.send(child.audit, &what, fill).await.map(drop)
    }

    pub(crate) async fn of_manifest(self, file: &Path, audit: Audit) -> Result<(), Failure> {
        let mut manifest = String::new();
        let read = match file.as_os_str() == "-" {
            true => io::stdin().read_to_string(&mut manifest).map(drop),
            false => std::fs::read_to_string(file).map(|text| manifest = text),
        };
        read.map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
        let what = format!("the child of `{}`", file.display());
        let fill = |command: ControlCommandRequest| command.manifest(manifest);
        self.send(audit, &what, fill).await.map(drop)
    }

    pub(crate) async fn of_all(self, audit: Audit) -> Result<(), Failure> {
        self.send(audit, "the service", |command| command)
            .await
            .map(drop)
    }

    /// Stops the service, and waits until it is over.
    pub(crate) async fn and_wait(self, audit: Audit) -> Result<(), Failure> {
        // The events first, so that none is missed.
        let mut events = connect(&self.socket).await?.events(None).await?;
        let output = self.output;
        match self.send(audit, "the service", |command| command).await {
            // Nobody reads; the stop is waited for all the same.
            Ok(()) | Err(Failure::Deaf) => {}
            Err(failure) => return Err(failure),
        }
        let mut code = None;
        while let Some(pushed) = events.next().await? {
            if let Pushed::Event(event) = pushed
                && event.event_type == "Ended"
            {
                code = event
                    .payload
                    .get("code")
                    .and_then(serde_json::Value::as_u64);
            }
        }
        let ended = serde_json::json!({ "stopped": true, "code": code });
        let printed = output.print(&ended, |_| match code {
            Some(code) => format!("stopped, exit code {code}"),
            None => "stopped; its exit code was not told".to_owned(),
        });
        match code {
            Some(0) => printed,
            _ => Err(Failure::Undone("the service did not end well".to_owned())),
        }
    }

    async fn send(
        self,
        audit: Audit,
        what: &str,
        fill: impl FnOnce(ControlCommandRequest) -> ControlCommandRequest,
    ) -> Result<(), Failure> {
        let mut client = connect(&self.socket).await?;
        let target = client.hello().await?.target_id;
        if self.kind.is_dangerous() && !self.is_confirmed {
            confirm(self.kind, what, &target)?;
        }
        let who = (audit.who.by, audit.reason);
        let command = fill(ControlCommandRequest::new(target, self.kind, who)).confirmed();
        let result = client.command(&command).await?;
        let printed = self.output.print(&result, |_| told(&result));
        match (&result.error, result.accepted) {
            (None, true) => printed,
            (Some(error), _) => Err(Failure::Undone(error.to_string())),
            (None, false) => Err(Failure::Undone("the command was not accepted".to_owned())),
        }
    }
}

/// Asks the person, if there is one.
fn confirm(kind: ControlCommandKind, what: &str, target: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        let what = format!("`{kind}` is dangerous; confirm it with --yes");
        return Err(Failure::Usage(what));
    }
    let mut out = io::stderr().lock();
    write!(out, "{kind} for {what} on {target}? [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure::Usage("not confirmed; nothing was done".to_owned())),
    }
}

/// What a command came to, in a line or a few.
pub(crate) fn told(result: &ControlCommandResult) -> String {
    let status = result.status;
    match &result.state_delta {
        Some(StateDelta::ChildAdded { outcome, .. } | StateDelta::ChildControl { outcome }) => {
            format!(
                "{status}: {} {} -> {} ({}, generation {}, attempt {})",
                outcome.child_path,
                outcome.before.lifecycle_state,
                outcome.after.lifecycle_state,
                outcome.decision,
                outcome.generation,
                outcome.attempt
            )
        }
        Some(StateDelta::Shutdown { result } | StateDelta::Reload { result }) => {
            format!("{status}: {result}")
        }
        _ => status.to_string(),
    }
}
