//! A live view of a service, with keys to act.

mod app;
mod draw;

use std::collections::VecDeque;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use dig_service::dashboard::{ClientError, DashboardClient, Pushed, Subscription};
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, read};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use self::app::{App, Wish};
use crate::args::Who;
use crate::outcome::Failure;
use crate::run::connect;

/// Shows the service until somebody presses `q`, or the service is over.
pub(crate) async fn run(socket: &Path, every: u64, who: Who) -> Result<(), Failure> {
    if !io::stdout().is_terminal() {
        let what = "top needs a terminal; use status, or events --follow";
        return Err(Failure::Usage(what.to_owned()));
    }
    let mut client = connect(socket).await?;
    let state = client.state().await?;
    let first = state
        .recent_events
        .first()
        .map_or(0, |event| event.sequence);
    let events = connect(socket)
        .await?
        .events(Some(first.saturating_sub(1)))
        .await?;
    let mut screen = Screen::new()?;
    let view = View {
        client,
        events,
        input: Input::new()?,
        app: App::new(state, who.by),
    };
    match view.live(&mut screen.0, every).await {
        // It was there: the service is over, whichever of the connections tells it first.
        Err(End::Client(error)) if is_gone(&error) => Ok(()),
        Err(End::Client(error)) => Err(error.into()),
        Err(End::Terminal(error)) => Err(error.into()),
        Ok(()) => Ok(()),
    }
}

/// The terminal, which is given back as it was, whatever happens.
struct Screen(ratatui::DefaultTerminal);

impl Screen {
    fn new() -> io::Result<Self> {
        // What was half done is undone.
        let terminal = ratatui::try_init().inspect_err(|_| ratatui::restore())?;
        Ok(Self(terminal))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

/// Why the view ends before it was told to.
enum End {
    Client(ClientError),
    Terminal(io::Error),
}

impl From<ClientError> for End {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Terminal(error)
    }
}

/// Whether an error is how the end of the other side is told.
fn is_gone(error: &ClientError) -> bool {
    match error {
        ClientError::Closed => true,
        ClientError::Io(error) => matches!(
            error.kind(),
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
        ),
        _ => false,
    }
}

struct View {
    client: DashboardClient,
    events: Subscription,
    input: Input,
    app: App,
}

impl View {
    async fn live(
        mut self,
        terminal: &mut ratatui::DefaultTerminal,
        every: u64,
    ) -> Result<(), End> {
        let mut ticks = interval(Duration::from_millis(every.max(50)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            terminal.draw(|frame| draw::draw(frame, &self.app))?;
            let client = &mut self.client;
            tokio::select! {
                _ = ticks.tick() => {
                    let look = async { Ok((client.state().await?, client.tasks().await?.0)) };
                    match self.input.unless_quit(look).await {
                        Some(seen) => {
                            let (state, tasks) = seen.map_err(End::Client)?;
                            self.app.look(state, tasks);
                        }
                        None => return Ok(()),
                    }
                }
                pushed = self.events.next() => match pushed? {
                    Some(Pushed::Event(event)) => self.app.hear(event),
                    Some(_) => {}
                    None => return Ok(()),
                },
                key = self.input.next() => {
                    let Some(key) = key else { return Ok(()) };
                    match self.app.press(key) {
                        Wish::Quit => return Ok(()),
                        Wish::Nothing => {}
                        Wish::Give(command) => {
                            let giving = client.command(&command);
                            let given = self.input.unless_quit(giving).await;
                            // What was pressed before the answer was not meant for what it shows.
                            self.input.held.clear();
                            match given {
                                Some(Ok(result)) => self.app.answered(&result),
                                Some(Err(ClientError::Refused(error))) => {
                                    self.app.message = error.to_string();
                                }
                                Some(Err(error)) => return Err(error.into()),
                                None => return Ok(()),
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Keys, and signals that ask for the end.
struct Input {
    /// Pressed while something was waited for.
    held: VecDeque<KeyCode>,
    keys: mpsc::UnboundedReceiver<Event>,
    terminate: Signal,
    hangup: Signal,
}

impl Input {
    /// Reads the terminal in a thread of its own, which ends with the process.
    fn new() -> io::Result<Self> {
        let (sender, keys) = mpsc::unbounded_channel();
        let thread = std::thread::Builder::new().name("digctl-keys".to_owned());
        thread.spawn(move || {
            while let Ok(event) = read() {
                if sender.send(event).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self {
            held: VecDeque::new(),
            keys,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// The next key that means something; `None` is the end.
    async fn next(&mut self) -> Option<KeyCode> {
        match self.held.pop_front() {
            Some(key) => Some(key),
            None => self.pressed().await,
        }
    }

    async fn pressed(&mut self) -> Option<KeyCode> {
        loop {
            let event = tokio::select! {
                event = self.keys.recv() => event?,
                _ = self.terminate.recv() => return None,
                _ = self.hangup.recv() => return None,
            };
            match event {
                Event::Key(key) if is_interrupt(key) => return None,
                Event::Key(key) if is_plain(key) => return Some(key.code),
                _ => {}
            }
        }
    }

    /// Waits for something, unless the end is asked for meanwhile.
    async fn unless_quit<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = std::pin::pin!(future);
        loop {
            tokio::select! {
                biased;
                output = &mut future => return Some(output),
                key = self.pressed() => match key {
                    None | Some(KeyCode::Char('q') | KeyCode::Esc) => return None,
                    Some(key) => self.held.push_back(key),
                },
            }
        }
    }
}

fn is_interrupt(key: KeyEvent) -> bool {
    key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c')
}

/// Pressed alone: with Control or Alt it means something else to whoever presses it.
fn is_plain(key: KeyEvent) -> bool {
    let others = KeyModifiers::CONTROL | KeyModifiers::ALT;
    key.kind != KeyEventKind::Release && !key.modifiers.intersects(others)
}
