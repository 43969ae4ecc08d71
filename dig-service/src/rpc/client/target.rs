//! Where to call, and how.

use std::time::Duration;

use hyper::http::uri::PathAndQuery;
use hyper::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use thiserror::Error;

/// What cannot be called.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidTransport {
    /// The address cannot be read, or has no host.
    #[error("`{url}` is no address to call; write it as in `{scheme}://127.0.0.1:9778`")]
    Url {
        /// What was given.
        url: String,
        /// How addresses of this transport begin.
        scheme: String,
    },
    /// The address has a scheme that this transport does not speak.
    #[error("`{0}` needs a transport with TLS: implement `RpcTransport` on a client that has it")]
    Scheme(String),
    /// A header cannot be sent.
    #[error("`{0}` cannot be sent as a header")]
    Header(String),
}

/// One server, and what holds for every call of it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// Name and port, to be looked up and connected to.
    pub(super) name: String,
    pub(super) port: u16,
    pub(super) host: HeaderValue,
    pub(super) path: Uri,
    pub(super) headers: HeaderMap,
    pub(super) timeout: Duration,
    pub(super) answer_limit: usize,
}

impl Target {
    pub(super) fn parse(url: &str, scheme: &str) -> Result<Self, InvalidTransport> {
        let invalid = || InvalidTransport::Url {
            url: url.to_owned(),
            scheme: scheme.to_owned(),
        };
        let uri: Uri = url.parse().map_err(|_| invalid())?;
        match uri.scheme_str() {
            Some(given) if given == scheme => {}
            Some("https" | "wss") => return Err(InvalidTransport::Scheme(url.to_owned())),
            _ => return Err(invalid()),
        }
        let authority = uri.authority().ok_or_else(invalid)?;
        if authority.host().is_empty() || authority.as_str().contains('@') {
            return Err(invalid());
        }
        let bare = authority.host();
        let bracketed = bare
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        Ok(Self {
            name: bracketed.unwrap_or(bare).to_owned(),
            port: authority.port_u16().unwrap_or(80),
            host: HeaderValue::from_str(authority.as_str()).map_err(|_| invalid())?,
            path: path.parse().map_err(|_| invalid())?,
            headers: HeaderMap::new(),
            timeout: Duration::from_secs(60),
            answer_limit: 16 * 1024 * 1024,
        })
    }

    pub(super) fn add_header(&mut self, name: &str, value: &str) -> Result<(), InvalidTransport> {
        let invalid = || InvalidTransport::Header(name.to_owned());
        let known: HeaderName = name.parse().map_err(|_| invalid())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| invalid())?;
        // Most headers that a client adds hold a secret: `Debug` does not show it.
        value.set_sensitive(true);
        self.headers.insert(known, value);
        Ok(())
    }
}

#[cfg(test)]
#[cfg(not(dig_loom))]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        for (url, name, port, host, path) in [
            (
                "http://localhost:9778",
                "localhost",
                9778,
                "localhost:9778",
                "/",
            ),
            (
                "http://node.example",
                "node.example",
                80,
                "node.example",
                "/",
            ),
            ("http://[::1]:80/rpc?a=b", "::1", 80, "[::1]:80", "/rpc?a=b"),
        ] {
            let target = Target::parse(url, "http").unwrap();
            assert_eq!((&*target.name, target.port), (name, port), "{url}");
            assert_eq!(
                (target.host.to_str().unwrap(), target.path.to_string()),
                (host, path.to_owned())
            );
        }
    }

    #[test]
    fn addresses_that_cannot_be_called_are_named() {
        for url in [
            "",
            "localhost:9778",
            "/rpc",
            "http://",
            "http://me@host",
            "http://a b",
        ] {
            assert_eq!(
                Target::parse(url, "http").unwrap_err(),
                InvalidTransport::Url {
                    url: url.to_owned(),
                    scheme: "http".to_owned()
                }
            );
        }
        let tls = "https://node.example";
        assert_eq!(
            Target::parse(tls, "http").unwrap_err(),
            InvalidTransport::Scheme(tls.to_owned())
        );
    }

    #[test]
    fn headers_are_checked_and_kept_secret() {
        let mut target = Target::parse("http://localhost", "http").unwrap();

        target.add_header("authorization", "Bearer 4f1a").unwrap();
        assert_eq!(target.headers["authorization"], "Bearer 4f1a");
        assert!(!format!("{target:?}").contains("4f1a"));
        for (name, value) in [("no name", "x"), ("name", "no\nvalue")] {
            let refused = target.add_header(name, value).unwrap_err();
            assert_eq!(refused, InvalidTransport::Header(name.to_owned()));
        }
    }
}
