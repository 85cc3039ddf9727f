//! Signatures, verified by another library; and keys that are refused.

use crate::support::*;
use comm_devkit::smtp::Script;
use comm_domain::outreach::Outcome;
use comm_ports::{MailTransport, OutgoingMail};
use comm_smtp::{DkimAlgorithm, DkimConfig, SmtpConfig, SmtpTransport};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::{
    AuthenticatedMessage, DkimResult, MessageAuthenticator, Parameters, ResolverCache, Txt,
};
use rcgen::{KeyPair, PKCS_ED25519};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::rand_core::OsRng;
use rsa::{RsaPrivateKey, RsaPublicKey};
use std::borrow::Borrow;
use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::hash::Hash;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Instant;
use tempfile::TempDir;

static RSA: LazyLock<RsaPrivateKey> =
    LazyLock::new(|| RsaPrivateKey::new(&mut OsRng, 1024).unwrap());

/// What DNS would answer for the key, and nothing else.
struct Dns(HashMap<String, Txt>);

impl ResolverCache<String, Txt> for Dns {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        String: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.get(name).cloned()
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        String: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: String, _: Txt, _: Instant) {}
}

fn dns(record: &str) -> Dns {
    let key = DomainKey::parse(record.as_bytes()).unwrap();
    let name = "herbst._domainkey.example.org.".to_owned();
    Dns(HashMap::from([(name, Txt::DomainKey(Arc::new(key)))]))
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::prelude::BASE64_STANDARD.encode(bytes)
}

fn rsa_record() -> String {
    let public = RsaPublicKey::from(&*RSA).to_public_key_der().unwrap();
    format!("v=DKIM1; k=rsa; p={}", base64(public.as_bytes()))
}

/// What a receiver finds out about each signature.
async fn verdicts(raw: &[u8], dns: &Dns) -> Vec<DkimResult> {
    let nobody = ResolverConfig::from_parts(None, Vec::new(), Vec::new());
    let resolver = MessageAuthenticator::new(nobody, ResolverOpts::default());
    let message = AuthenticatedMessage::parse(raw).unwrap();
    let question = Parameters::new(&message).with_txt_cache(dns);
    let answers = resolver.unwrap().verify_dkim(question).await;
    answers
        .iter()
        .map(|answer| answer.result().clone())
        .collect()
}

fn key_file(folder: &TempDir, pem: &str) -> PathBuf {
    let path = folder.path().join("dkim.pem");
    fs::write(&path, pem).unwrap();
    path
}

fn dkim(key_file: PathBuf, algorithm: DkimAlgorithm) -> DkimConfig {
    DkimConfig {
        selector: "herbst".to_owned(),
        domain: "example.org".to_owned(),
        key_file,
        algorithm,
    }
}

/// The bytes that a server received of this mail, signed with this key.
async fn received(mail: OutgoingMail, pem: &str, algorithm: DkimAlgorithm) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let server = server(Script::new()).await;
    let transport = transport(&SmtpConfig {
        dkim: dkim(key_file(&folder, pem), algorithm),
        ..plain_config(&server)
    });
    assert_eq!(transport.send(mail).await, Outcome::Accepted);
    let mails = server.wait_for(1, PATIENCE).await.unwrap();
    mails.first().unwrap().raw.clone()
}

#[tokio::test]
async fn a_mail_is_signed_with_rsa_in_either_form_of_the_key() {
    let forms = [
        RSA.to_pkcs1_pem(LineEnding::LF).unwrap(),
        RSA.to_pkcs8_pem(LineEnding::CRLF).unwrap(),
    ];
    for pem in forms {
        let raw = received(mail(), &pem, DkimAlgorithm::Rsa).await;
        assert_eq!(
            verdicts(&raw, &dns(&rsa_record())).await,
            [DkimResult::Pass]
        );
    }
}

#[tokio::test]
async fn a_mail_is_signed_with_ed25519_in_either_version_of_the_form() {
    let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let newer = key.serialize_der();
    let mut older = vec![0x30, 0x2e, 0x02, 0x01, 0x00];
    older.extend(&newer[5..48]);
    let record = format!("v=DKIM1; k=ed25519; p={}", base64(key.public_key_raw()));
    for der in [newer, older] {
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            base64(&der)
        );
        let raw = received(mail(), &pem, DkimAlgorithm::Ed25519).await;
        assert_eq!(verdicts(&raw, &dns(&record)).await, [DkimResult::Pass]);
    }
}

#[tokio::test]
async fn what_is_changed_on_the_way_breaks_the_signature() {
    let pem = RSA.to_pkcs8_pem(LineEnding::LF).unwrap();
    let raw = received(mail(), &pem, DkimAlgorithm::Rsa).await;
    let text = String::from_utf8(raw).unwrap();
    for (from, to) in [
        ("Gr=C3=BC=C3=9Fe", "Gr=C3=BC=C3=9Fe!"),
        ("To: ", "To: x"),
        ("Date: Tue, 03", "Date: Tue, 04"),
        ("Message-ID: <", "Message-ID: <x"),
        ("MIME-Version: 1.0", "MIME-Version: 1.1"),
        ("From: ", "Auto-Submitted: auto-replied\r\nFrom: "),
    ] {
        let forged = text.replacen(from, to, 1);
        assert_ne!(forged, text);
        let verdicts = verdicts(forged.as_bytes(), &dns(&rsa_record())).await;
        assert_ne!(verdicts, [DkimResult::Pass], "{from}");
    }
}

/// lettre reads headers recursively, a letter at a time.
#[tokio::test]
async fn the_longest_headers_are_signed_on_a_small_stack() {
    let pem = RSA.to_pkcs8_pem(LineEnding::LF).unwrap().to_string();
    let work = move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let longest = "🙂".repeat(255);
        let mail = OutgoingMail {
            from: person(&longest, "buero@example.org"),
            to: person(&longest, "praxis@example.org"),
            subject: longest,
            ..mail()
        };
        let sent = received(mail, &pem, DkimAlgorithm::Rsa);
        runtime.enable_all().build().unwrap().block_on(sent)
    };
    // A worker's stack has twice as much.
    let small = std::thread::Builder::new().stack_size(1024 * 1024);
    let raw = small.spawn(work).unwrap().join().unwrap();
    assert_eq!(
        verdicts(&raw, &dns(&rsa_record())).await,
        [DkimResult::Pass]
    );
}

#[tokio::test]
async fn without_a_key_nothing_is_signed() {
    let server = server(Script::new()).await;
    let outcome = transport(&plain_config(&server)).send(mail()).await;
    assert_eq!(outcome, Outcome::Accepted);
    let mails = server.wait_for(1, PATIENCE).await.unwrap();
    let text = String::from_utf8_lossy(&mails.first().unwrap().raw).into_owned();
    assert!(!text.contains("DKIM-Signature"), "{text}");
}

/// The whole sentence, with its causes.
fn refusal(dkim: DkimConfig) -> String {
    let config = SmtpConfig {
        dkim,
        ..SmtpConfig::default()
    };
    let Err(error) = SmtpTransport::new(&config) else {
        panic!("accepted: {config:?}");
    };
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        words = format!("{words}: {next}");
        cause = next.source();
    }
    words
}

#[test]
fn a_key_that_cannot_be_used_is_refused_by_name_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let rsa = RSA.to_pkcs8_pem(LineEnding::LF).unwrap();
    let short = RsaPrivateKey::new(&mut OsRng, 512).unwrap();
    let short = short.to_pkcs8_pem(LineEnding::LF).unwrap();
    let cut = &rsa[..rsa.len() / 2];
    for (pem, algorithm, reason) in [
        (cut, DkimAlgorithm::Rsa, "no RSA private key"),
        ("no key at all", DkimAlgorithm::Rsa, "no RSA private key"),
        (&short, DkimAlgorithm::Rsa, "fewer than 1024 bits"),
        (&rsa, DkimAlgorithm::Ed25519, "no Ed25519 private key"),
    ] {
        let words = refusal(dkim(key_file(&folder, pem), algorithm));
        assert!(words.starts_with("smtp.dkim.key_file: "), "{words}");
        assert!(words.contains(reason), "{words}");
        assert!(pem.lines().all(|line| !words.contains(line)), "{words}");
    }
    let missing = refusal(dkim(folder.path().join("none"), DkimAlgorithm::Rsa));
    assert!(missing.contains("smtp.dkim.key_file") && missing.contains("cannot be read"));
}

#[test]
fn half_a_configuration_is_refused_with_what_is_missing() {
    let whole = || dkim(PathBuf::from("key.pem"), DkimAlgorithm::Rsa);
    type Change = fn(&mut DkimConfig);
    let cases: [(&str, Change); 5] = [
        ("smtp.dkim.selector", |dkim| dkim.selector.clear()),
        ("smtp.dkim.selector", |dkim| dkim.selector.push(';')),
        ("smtp.dkim.domain", |dkim| dkim.domain.clear()),
        ("smtp.dkim.domain", |dkim| dkim.domain = "größe.de".into()),
        ("smtp.dkim.key_file", |dkim| dkim.key_file = PathBuf::new()),
    ];
    for (key, change) in cases {
        let mut config = whole();
        change(&mut config);
        let words = refusal(config);
        assert!(words.starts_with(key), "{words}");
    }
}
