use std::net::Ipv4Addr;

use super::*;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const ANY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
const OWN: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 5));

fn guard(bound: IpAddr) -> Guard {
    Guard::new(Access::default(), bound)
}

fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
        .collect()
}

fn judge(guard: &Guard, host: &str) -> Result<Caller, Refused> {
    let headers = headers(&[(header::HOST, host)]);
    guard.judge(Version::HTTP_11, &Uri::from_static("/"), &headers)
}

fn judge_page(guard: &Guard, host: &str, origin: &str) -> Result<Caller, Refused> {
    let headers = headers(&[(header::HOST, host), (header::ORIGIN, origin)]);
    guard.judge(Version::HTTP_11, &Uri::from_static("/"), &headers)
}

#[test]
fn on_loopback_only_loopback_is_a_host() {
    let guard = guard(LOOPBACK);
    for host in [
        "localhost",
        "LocalHost:1",
        "127.0.0.1",
        "127.0.0.1:9778",
        "127.1.2.3",
        "[::1]",
        "[::1]:9778",
        "[::ffff:127.0.0.1]",
    ] {
        assert_eq!(judge(&guard, host), Ok(Caller::Plain), "{host}");
    }
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example:9778",
        "10.0.0.5",
        "0.0.0.0",
        "0.0.0.0:9778",
        "[::]",
        "127.1",
        "0x7f.0.0.1",
        "2130706433",
    ] {
        assert_eq!(judge(&guard, host), Err(Refused::ForeignHost), "{host}");
    }
}

#[test]
fn a_bound_address_is_a_host_and_others_are_not() {
    let guard = guard(OWN);

    assert_eq!(judge(&guard, "10.0.0.5:80"), Ok(Caller::Plain));
    assert_eq!(judge(&guard, "127.0.0.1"), Ok(Caller::Plain));
    assert_eq!(judge(&guard, "10.0.0.6"), Err(Refused::ForeignHost));
}

#[test]
fn bound_to_all_addresses_any_address_is_a_host_but_no_name_is() {
    let guard = guard(ANY);

    assert_eq!(judge(&guard, "192.0.2.7:1"), Ok(Caller::Plain));
    assert_eq!(judge(&guard, "[2001:db8::1]:1"), Ok(Caller::Plain));
    assert_eq!(judge(&guard, "localhost"), Ok(Caller::Plain));
    assert_eq!(judge(&guard, "evil.example"), Err(Refused::ForeignHost));
}

#[test]
fn a_request_has_one_host_that_can_be_read() {
    let guard = guard(LOOPBACK);
    let root = Uri::from_static("/");
    let judge_all = |version, pairs: &[_]| guard.judge(version, &root, &headers(pairs));
    let here = (header::HOST, "localhost");

    assert_eq!(judge_all(Version::HTTP_11, &[]), Err(Refused::NoHost));
    assert_eq!(judge_all(Version::HTTP_10, &[]), Ok(Caller::Plain));
    let twice = [here.clone(), here];
    assert_eq!(judge_all(Version::HTTP_11, &twice), Err(Refused::NoHost));
    for host in ["", "a b", "x@localhost", "local/host", "["] {
        assert_eq!(judge(&guard, host), Err(Refused::NoHost), "{host}");
    }
}

#[test]
fn the_host_of_the_target_counts_as_well() {
    let guard = guard(LOOPBACK);
    let headers = headers(&[(header::HOST, "localhost")]);
    let judge = |uri| guard.judge(Version::HTTP_11, &Uri::from_static(uri), &headers);

    assert_eq!(judge("http://evil.example/"), Err(Refused::ForeignHost));
    assert_eq!(judge("http://localhost/"), Ok(Caller::Plain));
}

#[test]
fn allowed_hosts_are_added_with_and_without_a_port() {
    let access = Access {
        hosts: vec!["Node.example".to_owned(), "other.example:80".to_owned()],
        ..Access::default()
    };
    let guard = Guard::new(access, LOOPBACK);

    assert_eq!(judge(&guard, "node.Example:9778"), Ok(Caller::Plain));
    assert_eq!(judge(&guard, "other.example:80"), Ok(Caller::Plain));
    let foreign = ["other.example", "other.example:81", "sub.node.example"];
    for host in foreign {
        assert_eq!(judge(&guard, host), Err(Refused::ForeignHost), "{host}");
    }
}

#[test]
fn any_host_can_be_allowed() {
    let access = Access {
        any_host: true,
        ..Access::default()
    };
    let guard = Guard::new(access, LOOPBACK);

    assert_eq!(judge(&guard, "evil.example"), Ok(Caller::Plain));
    let page = judge_page(&guard, "node.example", "http://evil.example");
    assert_eq!(page, Err(Refused::ForeignOrigin));
}

#[test]
fn an_origin_is_on_loopback_on_the_own_address_or_on_the_same_host() {
    for (bound, host, origin) in [
        (LOOPBACK, "localhost:1", "http://localhost:3000"),
        (LOOPBACK, "localhost:1", "http://127.0.0.1"),
        (LOOPBACK, "localhost:1", "https://[::1]:8080"),
        (OWN, "localhost:1", "http://10.0.0.5"),
        (ANY, "192.0.2.7:1", "http://192.0.2.7:8080"),
    ] {
        let judged = judge_page(&guard(bound), host, origin);
        assert_eq!(judged, Ok(Caller::Plain), "{origin}");
    }
    for (bound, origin) in [
        (LOOPBACK, "http://evil.example"),
        (LOOPBACK, "http://localhost.evil.example"),
        (LOOPBACK, "null"),
        (LOOPBACK, ""),
        (LOOPBACK, "localhost"),
        (LOOPBACK, "http://"),
        (ANY, "http://203.0.113.9"),
    ] {
        let judged = judge_page(&guard(bound), "127.0.0.1", origin);
        assert_eq!(judged, Err(Refused::ForeignOrigin), "{origin}");
    }
}

#[test]
fn an_allowed_origin_is_exactly_itself() {
    let access = Access {
        origins: vec!["https://app.example".to_owned(), "null".to_owned()],
        ..Access::default()
    };
    let guard = Guard::new(access, LOOPBACK);
    let judge = |origin| judge_page(&guard, "localhost", origin);

    assert_eq!(judge("https://app.example"), Ok(Caller::AllowedPage));
    assert_eq!(judge("null"), Ok(Caller::AllowedPage));
    assert_eq!(judge("http://app.example"), Err(Refused::ForeignOrigin));
    assert_eq!(judge("https://app.example:1"), Err(Refused::ForeignOrigin));
}

#[test]
fn a_body_is_json_and_not_encoded() {
    let judge = |value| judge_body(&headers(&[(header::CONTENT_TYPE, value)]));
    for value in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json ;x=y",
    ] {
        assert_eq!(judge(value), Ok(()), "{value}");
    }
    for value in [
        "",
        "text/plain",
        "application/json-rpc",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
    ] {
        assert_eq!(judge(value), Err(Refused::MediaType), "{value}");
    }
    assert_eq!(judge_body(&HeaderMap::new()), Err(Refused::MediaType));
    let json = (header::CONTENT_TYPE, "application/json");
    for (encoding, expected) in [("identity", Ok(())), ("gzip", Err(Refused::Encoded))] {
        let headers = headers(&[json.clone(), (header::CONTENT_ENCODING, encoding)]);
        assert_eq!(judge_body(&headers), expected);
    }
}
