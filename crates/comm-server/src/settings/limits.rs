//! Values that fit their type and still cannot be: every number has its range, every text that is not
//! free has its shape. The tables are the whole rule; `config/default.toml` explains the keys.

use crate::telemetry;
use comm_app::outreach::nachverfolgung::not_before;
use comm_app::outreach::telefonanrufe::closing_days;
use comm_domain::outreach::Uhrzeit;
use comm_domain::{EmailAddress, Zeitzone};
use comm_kafka::topic_of_dead_letters;
use config::Config;

/// Whole numbers: key, least and most.
const NUMBERS: &[(&str, i64, i64)] = &[
    ("http.port", 1, 65_535),
    ("http.workers", 0, 1024),
    ("database.pool_size", 1, 1000),
    ("database.connect_timeout_secs", 1, 300),
    ("database.acquire_timeout_secs", 1, 300),
    ("database.statement_timeout_ms", 100, 600_000),
    ("database.idle_in_transaction_timeout_ms", 1000, 3_600_000),
    ("smtp.port", 1, 65_535),
    ("smtp.connections", 1, 1000),
    ("smtp.timeouts.connect_seconds", 1, 3600),
    ("smtp.timeouts.command_seconds", 1, 3600),
    ("smtp.timeouts.data_seconds", 1, 3600),
    ("smtp.timeouts.message_seconds", 1, 3600),
    ("smtp.timeouts.reply_after_dot_seconds", 1, 3600),
    ("smtp.timeouts.idle_seconds", 1, 3600),
    ("email_queue.undo_seconds", 0, 86_400),
    ("email_queue.check_interval_seconds", 1, 86_400),
    ("email_queue.batch_size", 1, 1000),
    // With the look at a ninth of it, a crash is found within 60 seconds.
    ("email_queue.lease_seconds", 3, 50),
    // The process ends within ten seconds of SIGTERM.
    ("email_queue.shutdown_grace_seconds", 0, 8),
    ("email_queue.per_domain_per_minute", 0, 10_000),
    // A new leader of the relay waits for as long, and must publish within 15 s of a crash.
    ("kafka.message_timeout_ms", 1, 10_000),
    ("kafka.linger_ms", 0, 1000),
    ("calls.lead_time_minutes", 0, 100_000),
    ("calls.horizon_days", 1, 366),
    ("calls.seats", 0, 1000),
    ("calls.max_attempts", 1, 100),
    ("followup.wait_days", 0, 365),
    ("followup.max_age_days", 1, 3650),
    ("events.keep_seen_days", 1, 3650),
    ("events.keep_anrufwuensche_days", 1, 3650),
    ("events.keep_days", 1, 3650),
    ("services.copy_fresh_seconds", 0, 86_400),
    ("services.list_wait_ms", 0, 5000),
    ("services.keep_copies_days", 1, 3650),
];

/// How a contact rule is enforced.
const ENFORCED: &[&str] = &["off", "warn", "enforce"];

/// Keys that take one of a few words.
const CHOICES: &[(&str, &[&str])] = &[
    ("smtp.tls", &["none", "starttls", "implicit"]),
    ("smtp.dkim.algorithm", &["rsa", "ed25519"]),
    ("email_queue.after_crash", &["doubt", "resend"]),
    ("events.free_text", &["send", "omit"]),
    ("events.schedule_call", &["record", "book"]),
    ("calls.on_overlap", &["refuse", "move"]),
    ("contact_rules.clients.wochenfrist", ENFORCED),
    ("contact_rules.clients.sperrfrist", ENFORCED),
    ("contact_rules.clients.sperre", ENFORCED),
    ("contact_rules.service.wochenfrist", ENFORCED),
    ("contact_rules.service.sperrfrist", ENFORCED),
    ("contact_rules.service.sperre", ENFORCED),
    ("log.format", &["text", "json"]),
];

/// Whether a text has a certain shape.
type Shape = fn(&str) -> bool;

/// Texts of a certain shape: key, shape, and the shape in words.
const SHAPES: &[(&str, Shape, &str)] = &[
    (
        "http.host",
        is_ip_address,
        "an IP address such as 127.0.0.1",
    ),
    (
        "http.cors_allowed_origins",
        is_origins,
        "\"\", \"*\" or a list such as https://app.example.org,http://localhost:3000",
    ),
    ("smtp.host", is_host, "the name or address of a host"),
    ("mail.sender_email", is_address, "one email address"),
    (
        "mail.system_notification_email",
        is_no_or_one_address,
        "\"\" or one email address",
    ),
    (
        "kafka.bootstrap_servers",
        is_servers,
        "a list such as kafka-1:9092,kafka-2:9092",
    ),
    ("kafka.group_id", is_word, "a word without white space"),
    (
        "events.topic",
        is_consumed_topic,
        "1 to 245 of the characters a-z, A-Z, 0-9, '.', '_' and '-'",
    ),
    (
        "calls.closing_days",
        is_dates,
        "\"\" or dates such as 2026-12-24,2026-12-31",
    ),
    (
        "calls.daily_at",
        is_no_or_one_time_of_day,
        "\"\" or a time of day such as 05:00",
    ),
    (
        "followup.not_before",
        is_no_or_one_instant,
        "\"\" or an instant such as 2026-01-31T00:00:00Z",
    ),
    (
        "service.time_zone",
        is_time_zone,
        "a name of the IANA database such as Europe/Berlin",
    ),
    (
        "services.patient_service_url",
        is_no_or_one_url,
        "\"\" or a URL such as http://patients:8001",
    ),
    (
        "services.therapist_service_url",
        is_no_or_one_url,
        "\"\" or a URL such as http://therapists:8002",
    ),
    (
        "log.filter",
        telemetry::is_filter,
        "directives of tracing's EnvFilter such as info,comm_app=debug",
    ),
];

/// The first key whose value cannot be, and what it must be instead.
pub(super) fn broken(config: &Config) -> Option<(&'static str, String)> {
    numbers(config)
        .or_else(|| choices(config))
        .or_else(|| shapes(config))
}

fn numbers(config: &Config) -> Option<(&'static str, String)> {
    NUMBERS.iter().find_map(|(key, least, most)| {
        let fits = |value: i64| (*least..=*most).contains(&value);
        let broken = !config.get_int(key).is_ok_and(fits);
        broken.then(|| {
            (
                *key,
                format!("must be a whole number from {least} to {most}"),
            )
        })
    })
}

fn choices(config: &Config) -> Option<(&'static str, String)> {
    CHOICES.iter().find_map(|(key, words)| {
        let fits = |value: String| words.contains(&value.as_str());
        let broken = !config.get_string(key).is_ok_and(fits);
        broken.then(|| (*key, format!("must be one of: {}", words.join(", "))))
    })
}

fn shapes(config: &Config) -> Option<(&'static str, String)> {
    SHAPES.iter().find_map(|(key, fits, words)| {
        let broken = !config.get_string(key).is_ok_and(|value| fits(&value));
        broken.then(|| (*key, format!("must be {words}")))
    })
}

fn is_ip_address(value: &str) -> bool {
    value.parse::<std::net::IpAddr>().is_ok()
}

fn is_word(value: &str) -> bool {
    !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn is_host(value: &str) -> bool {
    is_ip_address(value) || (is_word(value) && !value.contains([':', '/', '@', ',']))
}

/// `host:port`; an IPv6 address stands in brackets.
fn is_server(value: &str) -> bool {
    let Some((host, port)) = value.rsplit_once(':') else {
        return false;
    };
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    is_host(bare.unwrap_or(host)) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_servers(value: &str) -> bool {
    value.split(',').all(|server| is_server(server.trim()))
}

/// Kafka takes names of at most 249 characters, and that of the topic's dead letters is longer than its own.
fn is_consumed_topic(value: &str) -> bool {
    !value.is_empty()
        && topic_of_dead_letters(value).len() <= 249
        && !matches!(value, "." | "..")
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

fn is_address(value: &str) -> bool {
    EmailAddress::parse("address", value).is_ok()
}

fn is_no_or_one_address(value: &str) -> bool {
    value.is_empty() || is_address(value)
}

/// What stands between scheme and path: `host` or `host:port`.
fn authority(value: &str) -> Option<&str> {
    ["http://", "https://"]
        .iter()
        .find_map(|scheme| value.strip_prefix(scheme))
}

fn is_authority(value: &str) -> bool {
    is_host(value) || is_server(value)
}

fn is_no_or_one_url(value: &str) -> bool {
    value.is_empty()
        || authority(value)
            .map(|rest| rest.split('/').next().unwrap_or_default())
            .is_some_and(|rest| is_authority(rest) && comm_clients::can_be_base(value))
}

fn is_time_zone(value: &str) -> bool {
    Zeitzone::parse("time_zone", value).is_ok()
}

fn is_dates(value: &str) -> bool {
    closing_days(value).is_ok()
}

fn is_no_or_one_instant(value: &str) -> bool {
    not_before(value).is_ok()
}

fn is_no_or_one_time_of_day(value: &str) -> bool {
    value.is_empty() || Uhrzeit::parse(value).is_some_and(|time| time < Uhrzeit::TAGESENDE)
}

fn is_origins(value: &str) -> bool {
    let is_origin = |origin: &str| authority(origin.trim()).is_some_and(is_authority);
    value.is_empty() || value == "*" || value.split(',').all(is_origin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::{File, FileFormat, Value, ValueKind};

    #[test]
    fn every_number_of_the_default_file_has_its_range_and_every_key_here_exists() {
        let defaults = File::from_str(super::super::DEFAULTS, FileFormat::Toml);
        let config = Config::builder().add_source(defaults).build().unwrap();
        let mut integers = Vec::new();
        collect("", &config.cache, &mut integers);
        for key in &integers {
            assert!(
                NUMBERS.iter().any(|(name, ..)| name == key),
                "{key} has no range"
            );
        }
        assert_eq!(integers.len(), NUMBERS.len(), "a range without a key");
        assert_eq!(broken(&config), None, "the defaults themselves");
    }

    fn collect(path: &str, value: &Value, integers: &mut Vec<String>) {
        match &value.kind {
            ValueKind::Table(table) => {
                for (name, value) in table {
                    let dot = if path.is_empty() { "" } else { "." };
                    collect(&format!("{path}{dot}{name}"), value, integers);
                }
            }
            ValueKind::I64(_) | ValueKind::U64(_) => integers.push(path.to_owned()),
            _ => {}
        }
    }

    #[test]
    fn shapes_take_what_deployments_have_and_refuse_what_nothing_can_use() {
        let cases: [(Shape, &[&str], &[&str]); 5] = [
            (
                is_servers,
                &["a:1", "a:9092, [::1]:9092"],
                &["", ":", "a b c", "a", "a:0", "a:1,"],
            ),
            (
                is_consumed_topic,
                &["communication-events", "a.b_c-1", &"x".repeat(245)],
                &["", ".", "..", "a b", "\u{fc}", &"x".repeat(246)],
            ),
            (
                is_origins,
                &[
                    "",
                    "*",
                    "https://a.example",
                    "http://localhost:3000, https://b.example",
                ],
                &[
                    "garbage",
                    "https://a.example/path",
                    "https://",
                    "*,https://a.example",
                ],
            ),
            (
                is_no_or_one_url,
                &["", "http://p:8001", "https://p.example/base"],
                &[
                    "p:8001",
                    "http://",
                    "http:///x",
                    "http://p/?x=1",
                    "http://u:w@p",
                ],
            ),
            (
                is_host,
                &["mail.example.org", "::1", "10.0.0.1"],
                &["", "a b", "mail:25", "http://x"],
            ),
        ];
        for (fits, good, bad) in cases {
            for value in good {
                assert!(fits(value), "{value}");
            }
            for value in bad {
                assert!(!fits(value), "{value}");
            }
        }
    }
}
