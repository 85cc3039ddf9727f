//! A server, a transport that talks to it, and mails.

use chrono::{TimeZone, Utc};
use comm_devkit::smtp::{Credentials, Encryption, Script, SmtpOptions, SmtpServer};
use comm_domain::outreach::{Fehler, Fehlerart, Fehlergrund, Outcome};
use comm_domain::{EmailAddress, Mailbox};
use comm_ports::{Origin, OutgoingMail};
use comm_smtp::{SmtpConfig, SmtpTransport, TlsMode};
use std::io::Write;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Long enough for a busy machine, and never waited for unless a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const USER: &str = "versand";
pub(crate) const PASSWORD: &str = "geheim";

/// A certificate for `localhost`, signed by itself.
pub(crate) struct Certificate {
    pub(crate) server: Arc<ServerConfig>,
    pub(crate) file: NamedTempFile,
}

pub(crate) static TRUSTED: LazyLock<Certificate> = LazyLock::new(|| Certificate::of("localhost"));

impl Certificate {
    pub(crate) fn of(name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(made.cert.pem().as_bytes()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let server = Arc::new(server);
        Self { server, file }
    }
}

pub(crate) async fn server(options: impl Into<SmtpOptions>) -> SmtpServer {
    SmtpServer::start(options).await.unwrap()
}

/// A server that wants STARTTLS and AUTH, so that the dialogue has every stage.
pub(crate) fn strict(script: Script) -> SmtpOptions {
    SmtpOptions {
        encryption: Encryption::StartTls(Arc::clone(&TRUSTED.server)),
        credentials: Some(Credentials::new(USER, PASSWORD)),
        ..SmtpOptions::scripted(script)
    }
}

pub(crate) fn plain_config(server: &SmtpServer) -> SmtpConfig {
    SmtpConfig {
        port: server.port(),
        hello_name: Some("client.example".to_owned()),
        ..SmtpConfig::default()
    }
}

/// Settings that fit [`strict`].
pub(crate) fn strict_config(server: &SmtpServer) -> SmtpConfig {
    SmtpConfig {
        host: "localhost".to_owned(),
        username: Some(USER.to_owned()),
        password: Some(PASSWORD.into()),
        tls: TlsMode::StartTls,
        ca_file: Some(TRUSTED.file.path().to_owned()),
        ..plain_config(server)
    }
}

pub(crate) fn transport(config: &SmtpConfig) -> Arc<SmtpTransport> {
    Arc::new(SmtpTransport::new(config).unwrap())
}

pub(crate) fn person(name: &str, address: &str) -> Mailbox {
    let address = EmailAddress::parse("empfaenger_email", address).unwrap();
    Mailbox::parse(address, "empfaenger_name", name).unwrap()
}

pub(crate) fn mail_to(address: &str) -> OutgoingMail {
    OutgoingMail {
        message_id: "0198-7@example.org".to_owned(),
        date: Utc.with_ymd_and_hms(2026, 2, 3, 4, 5, 6).unwrap(),
        from: person("Büro Köln, Curavani", "buero@example.org"),
        to: person("Dr. \"Jo\" Öztürk, 🙂", address),
        subject: "Grüße 📞".to_owned(),
        html: "<p>Grüße</p>".to_owned(),
        text: ".Grüße\n..\n".to_owned(),
        attachments: Vec::new(),
        origin: Origin::Person,
    }
}

pub(crate) fn mail() -> OutgoingMail {
    mail_to("praxis@example.org")
}

pub(crate) fn failure(outcome: Outcome) -> Fehler {
    match outcome {
        Outcome::Failed(fehler) => fehler,
        other => panic!("no failure: {other:?}"),
    }
}

pub(crate) fn silent(art: Fehlerart, grund: Fehlergrund) -> Outcome {
    Outcome::Failed(Fehler {
        art,
        grund,
        server: None,
        enhanced_code: None,
        anhang: None,
    })
}

pub(crate) fn unreachable() -> Outcome {
    silent(Fehlerart::Voruebergehend, Fehlergrund::NichtErreichbar)
}

pub(crate) fn in_doubt() -> Outcome {
    Outcome::Failed(Fehler::in_doubt(Fehlergrund::AntwortFehlt))
}
