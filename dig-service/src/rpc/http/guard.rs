//! Who may call: decisions on `Host`, `Origin` and the content type.
//!
//! Rebinding works by a name: a page's own name is made to point here, and the browser says that
//! name in `Host`. Hence names are refused unless they are known, while an address can be trusted
//! to be the one that was connected to.

use std::net::IpAddr;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Uri, Version, header};

use crate::rpc::http::options::Access;
use crate::rpc::http::refusal::Refused;

/// The rules of one listener.
#[derive(Debug)]
pub(super) struct Guard {
    access: Access,
    bound: IpAddr,
}

/// Where a request that was let in comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// A program, or a page that needs no leave to read the answer.
    Plain,
    /// A page of an allowed origin.
    AllowedPage,
}

impl Guard {
    pub(super) const fn new(access: Access, bound: IpAddr) -> Self {
        Self { access, bound }
    }

    /// Lets a request in by its `Host` and `Origin`.
    pub(super) fn judge(
        &self,
        version: Version,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Caller, Refused> {
        let host = host(version, headers)?;
        // A target with a host of its own outranks the header, so both must be known.
        for host in host.iter().chain(uri.authority()) {
            // Userinfo has no place here, and hides which part is the host from people.
            if host.as_str().contains('@') || !self.is_host_allowed(host) {
                return Err(Refused::ForeignHost);
            }
        }
        match headers.get(header::ORIGIN) {
            None => Ok(Caller::Plain),
            Some(origin) => self.judge_origin(origin, host.as_ref()),
        }
    }

    fn is_host_allowed(&self, host: &Authority) -> bool {
        self.access.any_host
            || match Name::of(host.host()) {
                Name::Address(address) => {
                    address.is_loopback() || self.bound.is_unspecified() || address == self.bound
                }
                Name::Text(name) => name.eq_ignore_ascii_case("localhost"),
            }
            || self.access.hosts.iter().any(|allowed| {
                allowed.eq_ignore_ascii_case(host.host())
                    || allowed.eq_ignore_ascii_case(host.as_str())
            })
    }

    fn judge_origin(
        &self,
        origin: &HeaderValue,
        host: Option<&Authority>,
    ) -> Result<Caller, Refused> {
        let origin = origin.to_str().map_err(|_| Refused::ForeignOrigin)?;
        let mut allowed = self.access.origins.iter();
        if allowed.any(|allowed| allowed.eq_ignore_ascii_case(origin)) {
            return Ok(Caller::AllowedPage);
        }
        let authority = origin
            .split_once("://")
            .and_then(|(_, rest)| rest.parse::<Authority>().ok())
            .ok_or(Refused::ForeignOrigin)?;
        let is_same_host = host.is_some_and(|h| h.host().eq_ignore_ascii_case(authority.host()));
        // Not every address, as for `Host`: anyone's page may live on one.
        let is_own = match Name::of(authority.host()) {
            Name::Address(address) => address.is_loopback() || address == self.bound,
            Name::Text(name) => name.eq_ignore_ascii_case("localhost"),
        };
        if is_same_host || is_own {
            Ok(Caller::Plain)
        } else {
            Err(Refused::ForeignOrigin)
        }
    }
}

/// Lets a body in by its type.
pub(super) fn judge_body(headers: &HeaderMap) -> Result<(), Refused> {
    let essence = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if !essence.trim().eq_ignore_ascii_case("application/json") {
        return Err(Refused::MediaType);
    }
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => {
            Err(Refused::Encoded)
        }
        _ => Ok(()),
    }
}

/// Reads the one `Host` that a request must have since HTTP/1.1.
fn host(version: Version, headers: &HeaderMap) -> Result<Option<Authority>, Refused> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if version < Version::HTTP_11 => Ok(None),
        (None, _) => Err(Refused::NoHost),
        (Some(_), Some(_)) => Err(Refused::NoHost),
        (Some(host), None) => match Authority::try_from(host.as_bytes()) {
            // A user's name before an `@` has no place in a host.
            Ok(host) if !host.as_str().contains('@') => Ok(Some(host)),
            _ => Err(Refused::NoHost),
        },
    }
}

enum Name<'a> {
    Address(IpAddr),
    Text(&'a str),
}

impl<'a> Name<'a> {
    fn of(host: &'a str) -> Self {
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        match bare.unwrap_or(host).parse::<IpAddr>() {
            Ok(address) => Self::Address(address.to_canonical()),
            Err(_) => Self::Text(host),
        }
    }
}

#[cfg(test)]
mod tests;
