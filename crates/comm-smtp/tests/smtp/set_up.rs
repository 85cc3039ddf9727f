//! Settings: how they are read, and which ones are refused.

use crate::support::*;
use comm_smtp::{SmtpConfig, SmtpConfigError, SmtpTransport, TlsMode};
use serde_json::json;
use std::time::Duration;

fn error(config: SmtpConfig) -> String {
    match SmtpTransport::new(&config) {
        Ok(_) => panic!("accepted: {config:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_left_out_has_its_default() {
    let config: SmtpConfig = serde_json::from_value(json!({
        "host": "mail.example.org", "port": 587, "tls": "starttls",
        "timeouts": {"command_seconds": 5}
    }))
    .unwrap();
    assert_eq!(config.tls, TlsMode::StartTls);
    assert_eq!(config.connections, 8);
    assert_eq!(config.timeouts.command, Duration::from_secs(5));
    assert_eq!(config.timeouts.reply_after_dot, Duration::from_secs(600));
}

#[test]
fn misspelt_settings_are_refused() {
    for settings in [
        json!({"hots": "x"}),
        json!({"timeouts": {"comand_seconds": 1}}),
        json!({"tls": "maybe"}),
    ] {
        assert!(serde_json::from_value::<SmtpConfig>(settings).is_err());
    }
}

#[test]
fn a_password_does_not_cross_a_network_in_clear() {
    let config = |host: &str, tls| SmtpConfig {
        host: host.to_owned(),
        username: Some(USER.to_owned()),
        password: Some(PASSWORD.into()),
        tls,
        ca_file: Some(TRUSTED.file.path().to_owned()),
        ..SmtpConfig::default()
    };
    for host in ["mail.example.org", "10.0.0.1", "localhost.example.org"] {
        let refused = SmtpTransport::new(&config(host, TlsMode::None))
            .err()
            .unwrap();
        assert!(
            matches!(refused, SmtpConfigError::PasswordInClear),
            "{host}"
        );
        assert!(SmtpTransport::new(&config(host, TlsMode::StartTls)).is_ok());
    }
    for host in ["localhost", "127.0.0.1", "::1"] {
        assert!(
            SmtpTransport::new(&config(host, TlsMode::None)).is_ok(),
            "{host}"
        );
    }
}

#[test]
fn an_empty_user_means_none() {
    let config = SmtpConfig {
        host: "mail.example.org".into(),
        username: Some(String::new()),
        ..SmtpConfig::default()
    };
    assert!(SmtpTransport::new(&config).is_ok());
}

#[test]
fn values_that_cannot_work_are_refused_with_the_settings_name() {
    let refused = |change: fn(&mut SmtpConfig)| {
        let mut config = SmtpConfig::default();
        change(&mut config);
        error(config)
    };
    for (message, name) in [
        (refused(|config| config.host = " ".into()), "smtp.host"),
        (refused(|config| config.connections = 0), "smtp.connections"),
        (
            refused(|config| config.hello_name = Some("a\r\nb".into())),
            "smtp.hello_name",
        ),
        (
            refused(|config| config.username = Some("u".into())),
            "smtp.password",
        ),
        (
            refused(|config| config.timeouts.data = Duration::ZERO),
            "smtp.timeouts",
        ),
    ] {
        assert!(message.starts_with(name), "{message}");
    }
}

#[test]
fn tls_without_a_server_name_or_readable_authorities_is_refused() {
    let tls = |host: &str, ca_file: &str| {
        error(SmtpConfig {
            host: host.to_owned(),
            tls: TlsMode::StartTls,
            ca_file: Some(ca_file.into()),
            ..SmtpConfig::default()
        })
    };
    let trusted = TRUSTED.file.path().to_str().unwrap();
    assert!(tls("a b", trusted).starts_with("smtp.host"));
    assert!(tls("localhost", "/nowhere.pem").starts_with("smtp.ca_file: /nowhere.pem"));
    assert!(tls("localhost", "Cargo.toml").starts_with("smtp.ca_file"));
}

#[test]
fn no_setting_shows_the_password() {
    let config = SmtpConfig {
        password: Some(PASSWORD.into()),
        ..SmtpConfig::default()
    };
    assert!(!format!("{config:?}").contains(PASSWORD));
}
