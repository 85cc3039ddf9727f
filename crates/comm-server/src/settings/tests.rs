use super::*;
use comm_app::dispatch::AfterCrash;
use comm_domain::outreach::Versuchsplan;
use std::collections::BTreeSet;
use std::fs;

const URL: (&str, &str) = ("DATABASE_URL", "postgresql://nobody:geheim@localhost/db");

fn sources(variables: &[(&str, &str)]) -> Sources {
    let all = [URL].iter().chain(variables);
    Sources::new(all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn load(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::load(&sources(variables), Path::new("/nowhere"))
}

fn refusal(variables: &[(&str, &str)]) -> String {
    load(variables).unwrap_err().to_string()
}

#[test]
fn the_binary_starts_with_nothing_set_but_the_database() {
    let settings = load(&[]).unwrap();
    assert_eq!(settings.http.port, 8004);
    assert!(settings.http.host.is_loopback());
    assert_eq!(settings.email_queue.undo_seconds, 5);
    assert_eq!(settings.email_queue.check_interval_seconds, 60);
    assert_eq!(settings.email_queue.batch_size, 10);
    assert_eq!(settings.events.keep_days, 7);
    assert_eq!(settings.events.keep_seen_days, 30);
    assert_eq!(settings.events.keep_anrufwuensche_days, 90);
    assert_eq!(settings.kafka.group_id, "communication-service");
    assert_eq!(settings.events.topic, "communication-events");
    assert!(!settings.events.also_publish_old_names);
}

#[test]
fn without_a_database_it_says_what_to_set() {
    let error = Settings::load(&Sources::default(), Path::new("/nowhere")).unwrap_err();
    assert!(error.to_string().contains("DATABASE_URL"), "{error}");
}

#[test]
fn later_layers_win() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("default.toml"),
        "[http]\nport = 1\nworkers = 1",
    )
    .unwrap();
    fs::write(
        folder.path().join("staging.toml"),
        "[http]\nport = 2\n[smtp]\nconnections = 2",
    )
    .unwrap();
    let load = |variables: &[(&str, &str)]| {
        let mut all = vec![("APP_ENV", "staging")];
        all.extend(variables);
        Settings::load(&sources(&all), folder.path()).unwrap()
    };
    let files = load(&[]);
    assert_eq!(
        (files.http.port, files.http.workers, files.smtp.connections),
        (2, 1, 2)
    );
    assert_eq!(load(&[("COMM__HTTP__PORT", "3")]).http.port, 3);
    assert_eq!(
        load(&[("COMM__HTTP__PORT", "3"), ("SERVICE_PORT", "4")])
            .http
            .port,
        4
    );
}

#[test]
fn every_plain_name_sets_its_key() {
    let values = [
        ("SMTP_HOST", "mail.example.org"),
        ("SMTP_PORT", "2525"),
        ("SMTP_USERNAME", "007"),
        ("SMTP_USE_TLS", "true"),
        ("SMTP_PASSWORD", "1e5"),
        ("EMAIL_SENDER", "a@example.org"),
        ("EMAIL_SENDER_NAME", "Ä"),
        ("KAFKA_BOOTSTRAP_SERVERS", "a:1,b:2"),
        ("SERVICE_PORT", "9000"),
        ("EMAIL_QUEUE_CHECK_INTERVAL_SECONDS", "7"),
        ("EMAIL_QUEUE_BATCH_SIZE", "3"),
        ("COMPANY_NAME", "Firma"),
        ("CORS_ALLOWED_ORIGINS", "https://a.example"),
    ];
    let shown = load(&values).unwrap().shown().join("\n");
    for expected in [
        "mail.example.org",
        "2525",
        "\"007\"",
        "StartTls",
        "a@example.org",
        "a:1,b:2",
        "9000",
        "check_interval_seconds: 7",
        "batch_size: 3",
        "Firma",
        "https://a.example",
    ] {
        assert!(shown.contains(expected), "{expected} in {shown}");
    }
}

#[test]
fn every_section_is_shown() {
    let shown = load(&[]).unwrap().shown();
    let headings = DEFAULTS.lines().filter_map(|line| line.strip_prefix('['));
    let sections = headings.filter_map(|heading| heading.split(['.', ']']).next());
    let sections: BTreeSet<&str> = sections.collect();
    assert!(sections.contains("contact_rules"));
    for section in sections {
        let start = format!("{section}: ");
        assert!(
            shown.iter().any(|line| line.starts_with(&start)),
            "{section}"
        );
    }
}

#[test]
fn secrets_are_never_shown() {
    let settings = load(&[("SMTP_PASSWORD", "streng-geheim")]).unwrap();
    let shown = format!("{:?} {:?}", settings, settings.shown());
    assert!(!shown.contains("geheim"), "{shown}");
}

#[test]
fn a_password_of_digits_stays_as_it_is() {
    use secrecy_check::exposed;
    let settings = load(&[("SMTP_PASSWORD", "007")]).unwrap();
    assert_eq!(exposed(&settings), "007");
}

#[test]
fn an_unknown_key_is_named_with_what_is_allowed() {
    let error = refusal(&[("COMM__SMTP__HOTS", "x")]);
    assert!(
        error.contains("smtp") && error.contains("hots") && error.contains("host"),
        "{error}"
    );
    let error = refusal(&[("COMM__SMPT__HOST", "x")]);
    assert!(
        error.contains("smpt") && error.contains("database"),
        "{error}"
    );
}

#[test]
fn a_wrong_value_is_named_with_its_key_and_what_is_allowed() {
    let error = refusal(&[("COMM__SMTP__TLS", "ssl")]);
    assert!(
        error.contains("smtp.tls") && error.contains("starttls"),
        "{error}"
    );
    let error = refusal(&[("SMTP_PORT", "abc")]);
    assert!(
        error.contains("smtp.port") && error.contains("SMTP_PORT"),
        "{error}"
    );
    let error = refusal(&[("SMTP_USE_TLS", "maybe")]);
    assert!(
        error.contains("SMTP_USE_TLS") && error.contains("true, false"),
        "{error}"
    );
}

#[test]
fn a_value_beyond_its_limits_is_refused_with_what_is_allowed() {
    for (name, value, allowed) in [
        ("COMM__EVENTS__FREE_TEXT", "some", "one of: send, omit"),
        ("COMM__EVENTS__SCHEDULE_CALL", "ignore", "record, book"),
        ("COMM__CALLS__HORIZON_DAYS", "367", "from 1 to 366"),
        ("COMM__CALLS__SEATS", "-1", "from 0 to 1000"),
        ("COMM__CALLS__ON_OVERLAP", "swap", "refuse, move"),
        ("COMM__CALLS__CLOSING_DAYS", "24.12.2026", "2026-12-24"),
        ("COMM__CALLS__DAILY_AT", "24:00", "05:00"),
        ("COMM__CALLS__BUNDESLAND", "Berlin", "'BE'"),
        ("COMM__EVENTS__KEEP_SEEN_DAYS", "0", "1 to 3650"),
        ("COMM__EVENTS__KEEP_SEEN_DAYS", "3651", "1 to 3650"),
        ("COMM__EVENTS__KEEP_ANRUFWUENSCHE_DAYS", "0", "1 to 3650"),
        ("COMM__LOG__FORMAT", "xml", "one of: text, json"),
        (
            "COMM__EMAIL_QUEUE__AFTER_CRASH",
            "forget",
            "one of: doubt, resend",
        ),
        ("COMM__SMTP__DKIM__ALGORITHM", "dsa", "one of: rsa, ed25519"),
        (
            "COMM__EMAIL_QUEUE__BACKOFF_MINUTES",
            "1,0",
            "each 0.01 to 10080",
        ),
        (
            "COMM__EMAIL_QUEUE__BACKOFF_MINUTES",
            "1;5",
            "separated by commas",
        ),
        (
            "COMM__EMAIL_QUEUE__PER_DOMAIN_PER_MINUTE",
            "-1",
            "from 0 to 10000",
        ),
        ("COMM__DATABASE__POOL_SIZE", "0", "from 1 to 1000"),
        (
            "COMM__KAFKA__MESSAGE_TIMEOUT_MS",
            "10001",
            "from 1 to 10000",
        ),
        ("COMM__EVENTS__KEEP_DAYS", "0", "from 1 to 3650"),
        ("COMM__SERVICES__COPY_FRESH_SECONDS", "-1", "0 to 86400"),
        ("COMM__SERVICES__LIST_WAIT_MS", "5001", "from 0 to 5000"),
        ("COMM__SERVICES__KEEP_COPIES_DAYS", "0", "from 1 to 3650"),
        ("COMM__EMAIL_QUEUE__BATCH_SIZE", "-1", "from 1 to 1000"),
        ("COMM__HTTP__PORT", "abc", "from 1 to 65535"),
        ("COMM__HTTP__HOST", "localhost", "an IP address"),
        ("COMM__EVENTS__TOPIC", "a b", "1 to 245"),
        ("COMM__SERVICE__TIME_ZONE", "Berlin", "Europe/Berlin"),
    ] {
        assert_refused(name, value, allowed);
    }
}

#[test]
fn follow_ups_and_contact_rules_have_their_limits() {
    for (name, value, allowed) in [
        ("COMM__FOLLOWUP__WAIT_DAYS", "366", "from 0 to 365"),
        ("COMM__FOLLOWUP__MAX_AGE_DAYS", "0", "from 1 to 3650"),
        ("COMM__FOLLOWUP__NOT_BEFORE", "2026-01-31", "T00:00:00Z"),
        (
            "COMM__CONTACT_RULES__CLIENTS__SPERRE",
            "strict",
            "off, warn, enforce",
        ),
    ] {
        assert_refused(name, value, allowed);
    }
}

fn assert_refused(name: &str, value: &str, allowed: &str) {
    let error = refusal(&[(name, value)]);
    let key = name.to_lowercase().replace("comm__", "").replace("__", ".");
    assert!(error.contains(&key) && error.contains(allowed), "{error}");
}

#[test]
fn the_pauses_are_a_list_in_a_file_and_separated_by_commas_in_a_variable() {
    let plan = |minutes: &[f64]| Versuchsplan::of_minutes(minutes).unwrap();
    assert_eq!(
        load(&[]).unwrap().email_queue.backoff,
        Versuchsplan::default()
    );
    let variable = [("COMM__EMAIL_QUEUE__BACKOFF_MINUTES", "0.05, 2")];
    assert_eq!(
        load(&variable).unwrap().email_queue.backoff,
        plan(&[0.05, 2.0])
    );
    let folder = tempfile::tempdir().unwrap();
    for (list, expected) in [("[3, 0.5]", plan(&[3.0, 0.5])), ("[]", plan(&[]))] {
        let text = format!("[email_queue]\nbackoff_minutes = {list}");
        fs::write(folder.path().join("default.toml"), text).unwrap();
        let settings = Settings::load(&sources(&[]), folder.path()).unwrap();
        assert_eq!(settings.email_queue.backoff, expected);
    }
}

#[test]
fn nothing_is_limited_signed_or_sent_twice_unless_somebody_says_so() {
    let settings = load(&[]).unwrap();
    assert_eq!(settings.email_queue.after_crash, AfterCrash::Doubt);
    assert_eq!(settings.email_queue.domain_limit(), None);
    assert!(settings.smtp.dkim.key_file.as_os_str().is_empty());
}

#[test]
fn a_mistake_in_a_file_is_placed_and_never_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("production.toml");
    std::fs::write(&file, "[smtp]\npassword = \"streng\"geheim\"\n").unwrap();
    let error = Settings::load(&sources(&[("APP_ENV", "production")]), folder.path()).unwrap_err();
    let words = format!("{error} {error:?}");
    assert!(
        words.contains("production.toml") && words.contains("line 2"),
        "{words}"
    );
    assert!(
        !words.contains("geheim") && !words.contains("streng"),
        "{words}"
    );
}

#[test]
fn days_are_counted_in_the_configured_time_zone() {
    let day = |zone: &[(&str, &str)]| {
        let at = "2026-01-31T23:30:00Z".parse().unwrap();
        load(zone).unwrap().zone().unwrap().day_of(at).to_string()
    };
    assert_eq!(day(&[]), "2026-02-01", "Europe/Berlin");
    let azores = ("COMM__SERVICE__TIME_ZONE", "Atlantic/Azores");
    assert_eq!(day(&[azores]), "2026-01-31");
}

#[test]
fn a_wrong_address_of_a_service_is_named_with_its_variable() {
    let error = refusal(&[("PATIENT_SERVICE_URL", "patients")]);
    assert!(
        error.contains("services.patient_service_url (PATIENT_SERVICE_URL)"),
        "{error}"
    );
}

#[test]
fn without_settings_there_is_no_directory_and_copies_count_as_documented() {
    let services = load(&[]).unwrap().services;
    assert!(services.therapist_service_url.is_empty() && services.patient_service_url.is_empty());
    let limits = [
        services.copy_fresh_seconds,
        services.list_wait_ms,
        services.keep_copies_days,
    ];
    assert_eq!(limits, [300, 300, 90]);
    let there = load(&[("THERAPIST_SERVICE_URL", "http://therapists:8002")]).unwrap();
    assert_eq!(
        there.services.therapist_service_url,
        "http://therapists:8002"
    );
    let error = refusal(&[("THERAPIST_SERVICE_URL", "therapists")]);
    assert!(
        error.contains("services.therapist_service_url (THERAPIST_SERVICE_URL)"),
        "{error}"
    );
}

#[test]
fn a_misspelt_environment_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let error = Settings::load(&sources(&[("APP_ENV", "prodution")]), folder.path()).unwrap_err();
    assert!(error.to_string().contains("prodution.toml"), "{error}");
}

#[test]
fn every_key_of_the_default_file_has_a_comment() {
    for line in DEFAULTS.lines().filter(|line| line.contains(" = ")) {
        assert!(line.contains(" # ") || line.starts_with('#'), "{line}");
    }
}

/// Reads the password back, as the mail server would see it.
mod secrecy_check {
    pub(super) fn exposed(settings: &super::Settings) -> &str {
        use secrecy::ExposeSecret;
        settings
            .smtp
            .password
            .as_ref()
            .map_or("", ExposeSecret::expose_secret)
    }
}
