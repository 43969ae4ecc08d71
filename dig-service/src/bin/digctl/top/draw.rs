//! Drawing the view.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Cell, Paragraph, Row, Table, TableState};

use crate::follow::line;
use crate::table::span;
use crate::top::app::App;

const KEYS: &str =
    "q quit  j/k select  r restart  p pause/resume  x quarantine  d remove  R reload  S stop";

/// Draws everything.
pub(crate) fn draw(frame: &mut Frame<'_>, app: &App) {
    let rows = Layout::vertical([
        Constraint::Length(2),
        Constraint::Min(5),
        Constraint::Percentage(35),
        Constraint::Length(1),
        Constraint::Length(1),
    ]);
    let [head, children, events, message, keys] = rows.areas(frame.area());
    frame.render_widget(header(app), head);
    let mut selection = TableState::default().with_selected(Some(app.selected));
    frame.render_stateful_widget(table(app), children, &mut selection);
    let room = usize::from(events.height.saturating_sub(2));
    frame.render_widget(tail(app, room), events);
    let plain = Style::default().add_modifier(Modifier::BOLD);
    frame.render_widget(Line::styled(app.message.as_str(), plain), message);
    frame.render_widget(
        Line::styled(KEYS, Style::default().fg(Color::DarkGray)),
        keys,
    );
}

fn header(app: &App) -> Paragraph<'_> {
    let (service, target) = (&app.state.service, &app.state.target);
    let reason = service.exit_reason.as_deref();
    let reason = reason
        .map(|reason| format!(" ({reason})"))
        .unwrap_or_default();
    let first = Line::from(vec![
        Span::styled(
            target.target_id.to_string(),
            Style::default().add_modifier(Modifier::BOLD),
        ),
        Span::raw("  "),
        Span::styled(service.phase.clone(), colour(&service.phase)),
        Span::raw(format!(
            "{reason}  up {}  pid {}",
            span(service.uptime_millis),
            service.pid
        )),
    ]);
    let kinds = app
        .kinds
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"));
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    let counts = app.state.tasks;
    let second = format!(
        "tasks: {kinds}; {} failed, {} panicked",
        counts.failed, counts.panicked
    );
    Paragraph::new(vec![first, Line::from(second)])
}

fn table(app: &App) -> Table<'_> {
    let heads = [
        "CHILD",
        "STATE",
        "HEALTH",
        "GEN",
        "RESTARTS",
        "LAST FAILURE",
    ];
    let rows = app.state.runtime_state.iter().map(|child| {
        let failure = child.last_failure.as_deref().unwrap_or("-");
        Row::new([
            Cell::from(child.child_path.to_string()),
            Cell::from(child.lifecycle_state.clone()).style(colour(&child.lifecycle_state)),
            Cell::from(child.health.label()).style(colour(child.health.label())),
            Cell::from(child.generation.to_string()),
            Cell::from(child.restart_count.to_string()),
            Cell::from(failure.lines().next().unwrap_or("-").to_owned()),
        ])
    });
    let widths = [
        Constraint::Percentage(25),
        Constraint::Length(12),
        Constraint::Length(10),
        Constraint::Length(4),
        Constraint::Length(9),
        Constraint::Fill(1),
    ];
    Table::new(rows, widths)
        .header(Row::new(heads).style(Style::default().add_modifier(Modifier::BOLD)))
        .row_highlight_style(Style::default().add_modifier(Modifier::REVERSED))
        .block(Block::bordered().title("children"))
}

fn tail(app: &App, room: usize) -> Paragraph<'_> {
    let skipped = app.events.len().saturating_sub(room);
    let lines = app.events.iter().skip(skipped);
    let lines: Vec<_> = lines.map(|event| Line::from(line(event, false))).collect();
    Paragraph::new(lines).block(Block::bordered().title("events"))
}

fn colour(state: &str) -> Style {
    let colour = match state {
        "running" | "healthy" | "ready" => Color::Green,
        "failed" | "quarantined" | "unhealthy" => Color::Red,
        "unknown" | "stopped" => Color::Reset,
        _ => Color::Yellow,
    };
    Style::default().fg(colour)
}
