//! A live view of a service, with keys to act.

mod app;
mod draw;

use std::path::Path;
use std::time::Duration;

use dig_service::dashboard::{DashboardClient, Pushed, Subscription};
use ratatui::crossterm::event::{Event, KeyEventKind, read};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use self::app::{App, Wish};
use crate::args::Who;
use crate::command::give;
use crate::outcome::Failure;
use crate::run::connect;

/// Shows the service until somebody presses `q`, or the service is over.
pub(crate) async fn run(socket: &Path, every: u64, who: Who) -> Result<(), Failure> {
    let mut client = connect(socket).await?;
    let state = client.state().await?;
    let after = state
        .recent_events
        .first()
        .map_or(0, |event| event.sequence.saturating_sub(1));
    let mut events = connect(socket).await?.events(Some(after)).await?;
    let mut app = App::new(state, who.by);
    let mut keys = keys()?;
    let mut terminal = ratatui::try_init()?;
    let done = live(
        &mut terminal,
        &mut app,
        (&mut client, &mut events, &mut keys),
        every,
    )
    .await;
    ratatui::restore();
    match done {
        // It was there: the service is over, whichever of the connections tells it first.
        Err(Failure::Unreachable(_)) => Ok(()),
        done => done,
    }
}

type Ends<'a> = (
    &'a mut DashboardClient,
    &'a mut Subscription,
    &'a mut mpsc::UnboundedReceiver<Event>,
);

async fn live(
    terminal: &mut ratatui::DefaultTerminal,
    app: &mut App,
    (client, events, keys): Ends<'_>,
    every: u64,
) -> Result<(), Failure> {
    let mut ticks = interval(Duration::from_millis(every.max(50)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        terminal.draw(|frame| draw::draw(frame, app))?;
        tokio::select! {
            _ = ticks.tick() => app.look(client.state().await?, client.tasks().await?.0),
            pushed = events.next() => match pushed? {
                Some(Pushed::Event(event)) => app.hear(event),
                Some(_) => {}
                None => return Ok(()),
            },
            key = keys.recv() => match key {
                Some(Event::Key(key)) if key.kind != KeyEventKind::Release => {
                    match app.press(key.code) {
                        Wish::Quit => return Ok(()),
                        Wish::Nothing => {}
                        Wish::Give(command) => {
                            let result = give(client, &command).await?;
                            app.answered(&result);
                        }
                    }
                }
                Some(_) => {}
                None => return Ok(()),
            },
        }
    }
}

/// Reads the terminal in a thread of its own, which ends with the process.
fn keys() -> Result<mpsc::UnboundedReceiver<Event>, Failure> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let thread = std::thread::Builder::new().name("digctl-keys".to_owned());
    thread.spawn(move || {
        while let Ok(event) = read() {
            if sender.send(event).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}
