//! From the command line to what is asked of the service.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;
use dig_service::dashboard::{ControlCommandKind as Kind, DashboardClient, IpcMethod, IpcResult};
use serde::Serialize;

use crate::args::{Cli, What};
use crate::command::Order;
use crate::outcome::Failure;
use crate::{follow, table, top};

/// How it is printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) json: bool,
    pub(crate) colours: bool,
}

impl Output {
    fn new(json: bool) -> Self {
        use std::io::IsTerminal;

        let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            json,
            colours: io::stdout().is_terminal() && !is_plain,
        }
    }

    /// Prints a value as one line of JSON, or else as text.
    pub(crate) fn print(
        self,
        value: &impl Serialize,
        text: impl FnOnce(bool) -> String,
    ) -> Result<(), Failure> {
        let text = match self.json {
            true => serde_json::to_string(value).map_err(io::Error::from)?,
            false => text(self.colours),
        };
        let mut out = io::stdout().lock();
        writeln!(out, "{}", text.trim_end())?;
        Ok(out.flush()?)
    }
}

/// Does what the command line says.
pub(crate) async fn run(cli: Cli) -> Result<(), Failure> {
    let Cli {
        socket,
        json,
        yes,
        what,
    } = cli;
    if let What::Completions { shell } = what {
        clap_complete::generate(shell, &mut Cli::command(), "digctl", &mut io::stdout());
        return Ok(());
    }
    let socket = socket.ok_or_else(|| {
        let what = "which service? name its socket with --socket PATH or DIGCTL_SOCKET";
        Failure::Usage(what.to_owned())
    })?;
    let output = Output::new(json);
    let order = |kind| Order::new(kind, &socket, output, yes);
    match what {
        What::Status => {
            let state = connect(&socket).await?.state().await?;
            output.print(&state, |colours| table::status(&state, colours))
        }
        What::Tasks => tasks(&socket, output).await,
        What::Why => why(&socket, output).await,
        What::Events { follow, since } => follow::events(&socket, output, (follow, since)).await,
        What::Logs { follow } => follow::logs(&socket, output, follow).await,
        What::Restart(child) => order(Kind::RestartChild).of_child(child).await,
        What::Pause(child) => order(Kind::PauseChild).of_child(child).await,
        What::Resume(child) => order(Kind::ResumeChild).of_child(child).await,
        What::Quarantine(child) => order(Kind::QuarantineChild).of_child(child).await,
        What::Remove(child) => order(Kind::RemoveChild).of_child(child).await,
        What::Add { file, audit } => order(Kind::AddChild).of_manifest(&file, audit).await,
        What::ShutdownTree(audit) => order(Kind::ShutdownTree).of_all(audit).await,
        What::Reload(audit) => order(Kind::Reload).of_all(audit).await,
        What::Stop { wait: false, audit } => order(Kind::RequestShutdown).of_all(audit).await,
        What::Stop { wait: true, audit } => order(Kind::RequestShutdown).and_wait(audit).await,
        What::Top { every, who } => top::run(&socket, every, who).await,
        What::Completions { .. } => Ok(()),
    }
}

/// Connects; the error names the socket.
pub(crate) async fn connect(socket: &Path) -> Result<DashboardClient, Failure> {
    let connected = DashboardClient::connect(socket).await;
    connected.map_err(|error| match Failure::from(error) {
        Failure::Unreachable(why) => {
            Failure::Unreachable(format!("{why} (`{}`)", socket.display()))
        }
        other => other,
    })
}

async fn tasks(socket: &Path, output: Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Tasks<'a, R, C> {
        tasks: &'a R,
        counts: &'a C,
    }
    let (rows, counts) = connect(socket).await?.tasks().await?;
    let all = Tasks {
        tasks: &rows,
        counts: &counts,
    };
    output.print(&all, |_| table::tasks(&rows, counts))
}

async fn why(socket: &Path, output: Output) -> Result<(), Failure> {
    let result = connect(socket).await?.request(IpcMethod::Why, None).await?;
    output.print(&result, |_| match &result {
        IpcResult::Why { why, .. } => why.clone(),
        _ => String::new(),
    })
}
