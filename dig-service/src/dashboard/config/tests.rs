use super::*;

type Change = fn(&mut DashboardIpcConfig);

const WRONG: &[(Change, &str)] = &[
    (|c| c.target_id = " ".to_owned(), "target_id: it is empty"),
    (|c| c.path = "a.sock".into(), "path: `a.sock` is relative"),
    (|c| c.path = "/".into(), "path: `/` names no file"),
    (
        |c| c.path = format!("/{}", "a".repeat(MAX_PATH)).into(),
        "path: it has 104 bytes, its folder 1;",
    ),
    (
        |c| c.permissions = "600".to_owned(),
        "permissions: `600` is not four",
    ),
    (
        |c| c.permissions = "0o60".to_owned(),
        "permissions: `0o60` is not four",
    ),
    (
        |c| c.permissions = "0608".to_owned(),
        "permissions: `0608` is not four",
    ),
    (
        |c| c.permissions = "0602".to_owned(),
        "permissions: `0602` lets every",
    ),
    (
        |c| c.permissions = "0400".to_owned(),
        "permissions: `0400` keeps",
    ),
    (|c| c.max_connections = 0, "max_connections: 0"),
    (|c| c.max_request_bytes = 0, "max_request_bytes: 0"),
    (|c| c.requests_per_second = 0, "requests_per_second: 0"),
    (|c| c.request_burst = 0, "request_burst: 0"),
    (|c| c.idle_timeout_seconds = 0, "idle_timeout_seconds: 0"),
    (
        |c| c.command_timeout_seconds = 0,
        "command_timeout_seconds: 0",
    ),
    (|c| c.lease_seconds = 0, "lease_seconds: 0"),
    (
        |c| c.registration_heartbeat_interval_seconds = 0,
        "registration_heartbeat_interval_seconds: 0",
    ),
    (
        |c| c.lease_seconds = 15,
        "registration_heartbeat_interval_seconds: 15 is not below",
    ),
    (
        |c| c.path = format!("/{}/s", "a".repeat(91)).into(),
        "path: it has 94 bytes, its folder 92; a socket's path has 103 at most, its folder's 91",
    ),
    (
        |c| c.idle_timeout_seconds = u64::MAX,
        "idle_timeout_seconds: 18446744073709551615 is too much; use 31536000 at most",
    ),
    (
        |c| c.max_connections = 65_537,
        "max_connections: 65537 is too much",
    ),
    (
        |c| c.max_request_bytes = (16 << 20) + 1,
        "max_request_bytes: 16777217 is too much",
    ),
    (
        |c| c.relay_path = Some("r".into()),
        "relay_path: `r` is relative",
    ),
    (
        |c| c.audit_file = Some("a".into()),
        "audit_file: `a` is relative",
    ),
];

#[test]
fn bad_configuration_names_the_key() {
    for (change, begins) in WRONG {
        let mut config = DashboardIpcConfig::new("t", "/run/t.sock");
        assert!(config.validate().is_ok());
        change(&mut config);
        let error = config.validate().unwrap_err();
        assert!(error.message.starts_with(begins), "{}", error.message);
        assert_eq!(error.stage, DashboardStage::Config);
    }
}

#[test]
fn limits_of_the_rules_themselves_pass() {
    let mut config = DashboardIpcConfig::new("t", format!("/{}", "a".repeat(MAX_PATH - 1)));
    config.permissions = "0660".to_owned();
    config.lease_seconds = 16;
    config.idle_timeout_seconds = YEAR;
    config.max_connections = 65_536;
    config.max_request_bytes = 16 << 20;
    assert_eq!(config.validate().unwrap().mode(), 0o660);
    config.path = format!("/{}/s", "a".repeat(90)).into();
    assert!(config.validate().is_ok());
}

#[test]
fn defaults_are_those_of_the_page_and_unknown_keys_are_errors() {
    let read = serde_json::from_str::<DashboardIpcConfig>;
    let config = read(r#"{"target_id":"t","path":"/run/t.sock"}"#).unwrap();
    assert_eq!(config, DashboardIpcConfig::new("t", "/run/t.sock"));
    assert!(read(r#"{"target_id":"t","path":"/run/t.sock","pathh":1}"#).is_err());
}
