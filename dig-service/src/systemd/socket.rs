//! The socket that systemd reads.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// A datagram socket, and where it sends to.
#[derive(Debug)]
pub(super) struct NotifySocket {
    socket: UnixDatagram,
    address: SocketAddr,
}

impl NotifySocket {
    /// Makes a socket that sends to `name`: an absolute path, or `@` and an abstract name.
    ///
    /// # Errors
    ///
    /// Another kind of name, or one that is too long. Whether somebody reads there shows only when
    /// something is sent.
    pub(super) fn new(name: &OsStr) -> io::Result<Self> {
        let address = match name.as_bytes() {
            [b'/', ..] => SocketAddr::from_pathname(name)?,
            [b'@', rest @ ..] => of_abstract(rest)?,
            _ => {
                let what = format!(
                    "`{}` is neither a path nor an abstract name",
                    name.display()
                );
                return Err(io::Error::new(io::ErrorKind::Unsupported, what));
            }
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, address })
    }

    /// Sends a datagram, without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` when the reader is behind; anything else when there is none.
    pub(super) fn send(&self, text: &str) -> io::Result<()> {
        // By address each time: the reader may have been replaced.
        let sent = self.socket.send_to_addr(text.as_bytes(), &self.address);
        sent.map(drop)
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn of_abstract(name: &[u8]) -> io::Result<SocketAddr> {
    #[cfg(target_os = "android")]
    use std::os::android::net::SocketAddrExt;
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;

    SocketAddr::from_abstract_name(name)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn of_abstract(_: &[u8]) -> io::Result<SocketAddr> {
    let what = "this system has no abstract sockets";
    Err(io::Error::new(io::ErrorKind::Unsupported, what))
}
