//! What the view knows and what a key does: no terminal, no socket.

use std::collections::{BTreeMap, VecDeque};

use dig_service::dashboard::{
    ControlCommandKind as Kind, ControlCommandRequest, ControlCommandResult, DashboardState,
    EventRecord, RuntimeState, TaskRow,
};
use ratatui::crossterm::event::KeyCode;

use crate::command::told;

/// How many events are kept for the tail.
const KEPT: usize = 200;
/// What the commands given here are for.
const REASON: &str = "by hand in digctl top";

/// What the view knows.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) state: DashboardState,
    pub(crate) kinds: BTreeMap<String, usize>,
    pub(crate) events: VecDeque<EventRecord>,
    pub(crate) selected: usize,
    /// The last thing to say.
    pub(crate) message: String,
    /// A dangerous command that waits for `y`.
    pub(crate) asked: Option<ControlCommandRequest>,
    by: String,
}

/// What a key asks for.
#[derive(Debug, PartialEq)]
pub(crate) enum Wish {
    Nothing,
    Quit,
    Give(Box<ControlCommandRequest>),
}

impl App {
    pub(crate) fn new(state: DashboardState, by: String) -> Self {
        Self {
            state,
            kinds: BTreeMap::new(),
            events: VecDeque::new(),
            selected: 0,
            message: String::new(),
            asked: None,
            by,
        }
    }

    /// Takes in a new state.
    pub(crate) fn look(&mut self, state: DashboardState, tasks: Vec<TaskRow>) {
        self.kinds.clear();
        for task in tasks {
            *self.kinds.entry(task.kind).or_default() += 1;
        }
        // The selection stays with the child, wherever it is now.
        let path = self.child().map(|child| child.child_path.to_string());
        let of = |child: &RuntimeState| path.as_deref() == Some(&*child.child_path);
        let place = state.runtime_state.iter().position(of);
        let last = state.runtime_state.len().saturating_sub(1);
        self.selected = place.unwrap_or(self.selected).min(last);
        self.state = state;
    }

    /// Takes in an event.
    pub(crate) fn hear(&mut self, event: EventRecord) {
        if self.events.len() == KEPT {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    /// Takes in the answer to a command.
    pub(crate) fn answered(&mut self, result: &ControlCommandResult) {
        self.message = match &result.error {
            Some(error) => error.to_string(),
            None => told(result),
        };
    }

    /// The child that is selected.
    pub(crate) fn child(&self) -> Option<&RuntimeState> {
        self.state.runtime_state.get(self.selected)
    }

    /// Takes a key.
    pub(crate) fn press(&mut self, key: KeyCode) -> Wish {
        if let Some(asked) = self.asked.take() {
            self.message.clear();
            return match key {
                KeyCode::Char('y') => Wish::Give(Box::new(asked.confirmed())),
                _ => Wish::Nothing,
            };
        }
        let last = self.state.runtime_state.len().saturating_sub(1);
        match key {
            KeyCode::Char('q') | KeyCode::Esc => return Wish::Quit,
            KeyCode::Up | KeyCode::Char('k') => self.selected = self.selected.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => self.selected = (self.selected + 1).min(last),
            KeyCode::Char('r') => return self.of_child(Kind::RestartChild),
            KeyCode::Char('p') => return self.pause_or_resume(),
            KeyCode::Char('x') => return self.of_child(Kind::QuarantineChild),
            KeyCode::Char('d') => return self.of_child(Kind::RemoveChild),
            KeyCode::Char('R') => return self.of_all(Kind::Reload),
            KeyCode::Char('S') => return self.of_all(Kind::RequestShutdown),
            _ => {}
        }
        Wish::Nothing
    }

    fn pause_or_resume(&mut self) -> Wish {
        let rests = self.child().map(|child| child.lifecycle_state.as_str());
        match rests {
            Some("paused" | "quarantined") => self.of_child(Kind::ResumeChild),
            _ => self.of_child(Kind::PauseChild),
        }
    }

    fn of_child(&mut self, kind: Kind) -> Wish {
        let Some(child) = self.child() else {
            return Wish::Nothing;
        };
        let path = child.child_path.to_string();
        let command = self.command(kind).child(path);
        self.give(command)
    }

    fn of_all(&mut self, kind: Kind) -> Wish {
        let command = self.command(kind);
        self.give(command)
    }

    fn command(&self, kind: Kind) -> ControlCommandRequest {
        let target = self.state.target.target_id.to_string();
        ControlCommandRequest::new(target, kind, (self.by.as_str(), REASON))
    }

    fn give(&mut self, command: ControlCommandRequest) -> Wish {
        if !command.command.is_dangerous() {
            return Wish::Give(Box::new(command));
        }
        let what = command
            .target
            .child_path
            .as_deref()
            .unwrap_or("the service");
        self.message = format!("{} for {what}? y to confirm", command.command);
        self.asked = Some(command);
        Wish::Nothing
    }
}
