//! From the address as it was written to a listener, with errors that name the remedy.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context;
use tokio::net::TcpListener;

/// Binds the address.
pub(super) async fn listen(address: &str) -> anyhow::Result<TcpListener> {
    let parsed = parse(address).with_context(|| {
        format!(
            "`{address}` is no address to serve JSON-RPC on; write an IP address and a port, \
             as in `127.0.0.1:9778`"
        )
    })?;
    TcpListener::bind(parsed).await.map_err(|error| {
        let remedy = remedy(&error);
        let text = format!("cannot serve JSON-RPC on `{address}`{remedy}");
        anyhow::Error::new(error).context(text)
    })
}

/// Names are not resolved: what the server is bound to must not depend on a name server.
fn parse(address: &str) -> anyhow::Result<SocketAddr> {
    let address = address.trim();
    if let Some((name, port)) = address.split_once(':')
        && name.eq_ignore_ascii_case("localhost")
    {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse()?)));
    }
    Ok(address.parse()?)
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            ": another program listens there; stop it, or choose another port (0 lets the system \
             choose)"
        }
        io::ErrorKind::AddrNotAvailable => {
            ": this machine does not have that address; use one of its own, or `0.0.0.0` for all"
        }
        io::ErrorKind::PermissionDenied => {
            ": not permitted; ports below 1024 need a privilege, choose a higher one"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests;
