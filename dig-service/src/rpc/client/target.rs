//! Where to call, and how.

use std::time::Duration;

use hyper::http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
    TRANSFER_ENCODING, UPGRADE,
};
use hyper::http::uri::{Authority, PathAndQuery};
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
    /// A header cannot be sent: it is none, or the transport writes it itself.
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
        let host = authority.as_str();
        // Not every server takes an empty port.
        let host = host.strip_suffix(':').unwrap_or(host);
        // As text, it begins with a slash even if there is a query and no path.
        let path = uri
            .path_and_query()
            .map_or_else(|| "/".to_owned(), PathAndQuery::to_string);
        Ok(Self {
            name: bracketed.unwrap_or(bare).to_owned(),
            port: port(authority).ok_or_else(invalid)?,
            host: HeaderValue::from_str(host).map_err(|_| invalid())?,
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
        match &known {
            &HOST => self.host = value,
            own if is_own(own) => return Err(invalid()),
            _ => drop(self.headers.insert(known, value)),
        }
        Ok(())
    }
}

/// Whether the transports write the header themselves: another value would break the protocol.
fn is_own(name: &HeaderName) -> bool {
    [
        CONNECTION,
        CONTENT_LENGTH,
        CONTENT_TYPE,
        SEC_WEBSOCKET_KEY,
        SEC_WEBSOCKET_VERSION,
        TRANSFER_ENCODING,
        UPGRADE,
    ]
    .contains(name)
}

/// Returns the port of an address; `None` if what stands there is none.
fn port(authority: &Authority) -> Option<u16> {
    let behind_host = authority.as_str().strip_prefix(authority.host())?;
    let digits = match behind_host {
        "" | ":" => return Some(80),
        other => other.strip_prefix(':')?,
    };
    // A sign would pass for a part of the number.
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
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
            ("http://[::1]", "::1", 80, "[::1]", "/"),
            ("http://[::1]:9778", "::1", 9778, "[::1]:9778", "/"),
            ("http://h?key=1", "h", 80, "h", "/?key=1"),
            ("http://h:9778?key=1", "h", 9778, "h:9778", "/?key=1"),
            // The port may be left empty, colon or not.
            ("http://h:", "h", 80, "h", "/"),
            ("http://[::1]:/rpc", "::1", 80, "[::1]", "/rpc"),
            ("http://h:65535", "h", 65535, "h:65535", "/"),
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
            "http://127.0.0.1:99999",
            "http://127.0.0.1:65536",
            "http://127.0.0.1:abc",
            "http://127.0.0.1:-1",
            "http://127.0.0.1:+80",
            "http://[::1]:abc",
            "http://[::1]80",
        ] {
            assert_eq!(
                Target::parse(url, "http").unwrap_err(),
                InvalidTransport::Url {
                    url: url.to_owned(),
                    scheme: "http".to_owned()
                }
            );
        }
        assert!(Target::parse("ws://h:99999", "ws").is_err());
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
        target.add_header("Host", "node.example").unwrap();
        assert_eq!(target.host, "node.example");
        let wrong = [
            ("no name", "x"),
            ("name", "no\nvalue"),
            ("Content-Length", "1"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
        ];
        for (name, value) in wrong {
            let refused = target.add_header(name, value).unwrap_err();
            assert_eq!(refused, InvalidTransport::Header(name.to_owned()));
        }
    }
}
