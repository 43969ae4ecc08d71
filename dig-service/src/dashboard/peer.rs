//! Who is at the other end, as the kernel says.

use tokio::net::UnixStream;

use crate::dashboard::config::DashboardIpcConfig;
use crate::dashboard::{DashboardError, DashboardErrorCode, DashboardStage};

/// A process at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) pid: Option<i32>,
}

impl Peer {
    /// Who has just connected.
    pub(crate) fn of(stream: &UnixStream) -> Result<Self, DashboardError> {
        let found = stream.peer_cred();
        let found = found.map_err(|error| {
            let what = format!("the kernel does not tell who connects: {error}");
            refused(DashboardErrorCode::PeerCredUnavailable, what)
        })?;
        Ok(Self {
            uid: found.uid(),
            gid: found.gid(),
            pid: found.pid(),
        })
    }

    /// This process.
    pub(crate) fn own() -> Self {
        Self {
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
            pid: i32::try_from(std::process::id()).ok(),
        }
    }

    /// Lets the peer in: the process's own user, root, and who the configuration names.
    pub(crate) fn admit(self, config: &DashboardIpcConfig) -> Result<Self, DashboardError> {
        let is_known = self.uid == Self::own().uid
            || self.uid == 0
            || config.allowed_uids.contains(&self.uid)
            || config.allowed_gids.contains(&self.gid);
        if is_known {
            return Ok(self);
        }
        let what = format!("user {} may not connect to this socket", self.uid);
        Err(refused(DashboardErrorCode::PeerCredUidMismatch, what))
    }
}

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "uid {}", self.uid)?;
        match self.pid {
            Some(pid) => write!(f, ", pid {pid}"),
            None => Ok(()),
        }
    }
}

fn refused(code: DashboardErrorCode, what: String) -> DashboardError {
    DashboardError::new(code, DashboardStage::PeerCredentials, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_user_root_and_those_who_are_named_are_let_in() {
        let mut config = DashboardIpcConfig::new("t", "/run/t.sock");
        config.allowed_uids = vec![4001];
        config.allowed_gids = vec![4002];
        let own = Peer::own();
        let peer = |uid, gid| Peer {
            uid,
            gid,
            pid: Some(7),
        };

        for known in [own, peer(0, 9), peer(4001, 9), peer(9, 4002)] {
            assert_eq!(known.admit(&config), Ok(known));
        }
        let error = peer(4002, 4001).admit(&config).unwrap_err();
        assert_eq!(error.code, DashboardErrorCode::PeerCredUidMismatch);
        assert_eq!(error.stage, DashboardStage::PeerCredentials);
        assert_eq!(error.message, "user 4002 may not connect to this socket");
    }
}
