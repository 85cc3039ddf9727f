//! Emails in any state, and short words for what is done to them.

use chrono::{DateTime, TimeDelta, Utc};
use comm_domain::outreach::{
    Email, EmailError, EmailEventKind, EmailId, EmailPatch, EmailStatus, Empfaenger, Fehler,
    Fehlerart, Fehlergrund, Inhalt, NewEmail, Outcome, Versuchsplan,
};
use comm_domain::{Change, EmailAddress, Mailbox};

pub(crate) const UNDO: TimeDelta = TimeDelta::seconds(5);

pub(crate) fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_769_850_900 + second, 0).unwrap()
}

pub(crate) fn mailbox(local: &str) -> Mailbox {
    let address = EmailAddress::parse("email", &format!("{local}@example.org")).unwrap();
    Mailbox::parse(address, "name", "Dr. Ada Beispiel").unwrap()
}

pub(crate) fn new_email() -> NewEmail {
    let inhalt = Inhalt {
        html: "<p>Guten Tag</p>".to_owned(),
        text: "Guten Tag".to_owned(),
        legal_footer: true,
    };
    NewEmail::draft(
        Empfaenger::Therapeut(7),
        mailbox("praxis"),
        mailbox("info"),
        "Anfrage",
        inhalt,
    )
    .unwrap()
}

pub(crate) fn draft() -> Email {
    new_email()
        .create(EmailId(1), "id@example.org".to_owned(), at(0), UNDO)
        .into_after()
}

/// The plan of the contract.
pub(crate) fn plan() -> Versuchsplan {
    Versuchsplan::default()
}

/// An email in any state, as the store would give it back.
pub(crate) fn email(status: EmailStatus, fehlerart: Option<Fehlerart>) -> Email {
    let mut record = (*draft()).clone();
    record.status = status;
    record.fehlerart = fehlerart;
    record.versucht_am = Some(at(-60));
    if status == EmailStatus::Fehlgeschlagen {
        record.fehlermeldung = Some("Der Mailserver war nicht erreichbar.".to_owned());
        record.wiederholungsanzahl = 3;
    }
    Email::restore(record)
}

pub(crate) fn put(email: Email, patch: EmailPatch) -> Result<Change<Email>, EmailError> {
    email.apply(patch, at(10), UNDO)
}

pub(crate) fn to(status: EmailStatus) -> EmailPatch {
    EmailPatch {
        status: Some(status),
        ..EmailPatch::default()
    }
}

pub(crate) fn kinds(change: &Change<Email>) -> Vec<EmailEventKind> {
    change
        .events()
        .iter()
        .map(|event| event.kind.clone())
        .collect()
}

pub(crate) fn refusal(art: Fehlerart) -> Outcome {
    Outcome::Failed(Fehler {
        art,
        grund: Fehlergrund::Adresse,
        server: Some("550 5.1.1 unbekannt".to_owned()),
        enhanced_code: Some("5.1.1".to_owned()),
        anhang: None,
    })
}
