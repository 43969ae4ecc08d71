//! The commands of operators, and what comes of them.

use std::sync::Arc;

use tokio::time::Instant;

use crate::event::{ChildCommandEvent, EventKind};
use crate::shutdown::ShutdownReason;
use crate::supervisor::driver::{Driver, Kept};
use crate::supervisor::engine::{Event, NodeId, Refusal};
use crate::supervisor::inbox::{Request, Wish};
use crate::supervisor::start::enter;
use crate::supervisor::tree::Planner;
use crate::supervisor::{ChildSpec, CommandError, Decision, Outcome, Standing};

impl Driver {
    /// Carries out a command, and says what came of it.
    pub(super) fn answer(&mut self, request: Request) {
        let Request {
            child,
            wish,
            audit,
            reply,
        } = request;
        let found = self.directory.find(&child);
        let path = found
            .as_ref()
            .ok()
            .and_then(|id| self.directory.status(*id));
        let path = path.map_or_else(|| child.as_str().into(), |status| status.path);
        let cause = audit.shared_correlation().unwrap_or_else(|| {
            self.numbered += 1;
            format!("child-command-{}", self.numbered).into()
        });
        let (requested_by, reason, origin) = audit.parts();
        let command = wish.label();
        tracing::info!(
            command,
            child = &*path,
            correlation_id = &*cause,
            by = &*requested_by,
            why = &*reason,
            "command"
        );
        if let Some(journal) = &self.journal {
            // The word before the deed: what it causes comes after it.
            let command = EventKind::ChildCommand(ChildCommandEvent {
                command,
                path,
                requested_by,
                reason,
                origin,
            });
            journal.record_caused(command, Some(Arc::clone(&cause)));
        }
        self.directory.begin_cause(cause);
        let result = found.and_then(|id| self.fulfil(id, &child, wish));
        self.directory.end_cause();
        // An error means that nobody waits for the answer.
        let _ = reply.send(result);
    }

    fn fulfil(&mut self, id: NodeId, child: &str, wish: Wish) -> Result<Outcome, CommandError> {
        let status = self.directory.status(id);
        let before = status.ok_or_else(|| CommandError::UnknownChild(child.to_owned()))?;
        let path = Arc::clone(&before.path);
        let before = Standing::of(&before);
        let (id, done) = match wish {
            Wish::Shut { deadline, reply } => {
                self.reason = ShutdownReason::UserRequested;
                self.awaiting.push(reply);
                let event = Event::Shut { deadline };
                self.engine.handle(Instant::now(), event, &mut self.out);
                (id, Ok(Decision::Stopping))
            }
            Wish::Add(spec) => return self.add(id, *spec),
            Wish::Steer(steer) => {
                let now = Instant::now();
                (id, self.engine.steer(now, (id, steer), &mut self.out))
            }
        };
        self.obey_all();
        self.answer_all();
        let decision = done.map_err(|refusal| refused(refusal, &path))?;
        let after = self.directory.status(id);
        Ok(Outcome {
            path,
            before,
            after: after.as_ref().map_or(before, Standing::of),
            decision,
        })
    }

    fn add(&mut self, parent: NodeId, spec: ChildSpec) -> Result<Outcome, CommandError> {
        let path = self.directory.supervisor_path(parent);
        let path = path.ok_or_else(|| {
            let status = self.directory.status(parent);
            CommandError::NotASupervisor(status.map_or_else(String::new, |s| s.path.to_string()))
        })?;
        let taken = format!("{}/{}", path.trim_end_matches('/'), spec.name());
        if let Some(id) = self.directory.at(&taken)
            && self.engine.is_leaving(id)
        {
            return Err(CommandError::Removing(taken));
        }
        let mut planner = Planner::new(self.next_id, Arc::clone(&self.rules));
        let find = |path: &str| self.directory.at(path);
        let plan = planner.joining(spec, (&path, find), self.seed)?;
        if self.engine.is_closing() {
            return Err(CommandError::Stopping);
        }
        (self.next_id, self.rules) = planner.end();
        let (id, path) = (plan.id, Arc::clone(&plan.path));
        enter(&self.directory, &plan, (&planner.units, false));
        for (id, unit) in planner.units {
            self.units.insert(id, Kept::new(unit));
        }
        let before = self.directory.status(id);
        let now = Instant::now();
        let added = self.engine.add(now, (parent, plan), &mut self.out);
        self.obey_all();
        added.map_err(|refusal| refused(refusal, &path))?;
        let after = self.directory.status(id);
        let standing = |status: Option<_>| status.as_ref().map(Standing::of);
        let (before, after) = (standing(before), standing(after));
        match (before, after) {
            (Some(before), Some(after)) => Ok(Outcome {
                path,
                before,
                after,
                decision: after.since_added(),
            }),
            _ => Err(CommandError::UnknownChild(path.to_string())),
        }
    }
}

fn refused(refusal: Refusal, path: &str) -> CommandError {
    match refusal {
        Refusal::Unknown => CommandError::UnknownChild(path.to_owned()),
        Refusal::Stopping => CommandError::Stopping,
        Refusal::Removing => CommandError::Removing(path.to_owned()),
        Refusal::Needed(dependents) => CommandError::Needed {
            child: path.to_owned(),
            dependents,
        },
        Refusal::Stuck(child) => CommandError::Stuck(child),
        Refusal::Root => CommandError::Root,
    }
}
