//! Builders of valid values.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use comm_domain::outreach::telefonanruf::Wiederholungsregeln;
use comm_domain::outreach::{
    Email, EmailId, EmailStatus, Empfaenger, Inhalt, Moment, NewEmail, NewTelefonanruf,
    Telefonanruf, TelefonanrufId, TelefonanrufPatch, TelefonanrufStatus,
};
use comm_domain::{Change, EmailAddress, Mailbox};

/// Saturday 2026-01-31, 09:15 UTC.
pub fn instant() -> DateTime<Utc> {
    DateTime::from_timestamp(1_769_850_900, 123_456_000).unwrap_or_default()
}

/// A mailbox of the example domain.
#[expect(clippy::expect_used, reason = "only tests call it, with constants")]
pub fn mailbox(local: &str, name: &str) -> Mailbox {
    let address = EmailAddress::parse("address", &format!("{local}@example.org"));
    Mailbox::parse(address.expect("a valid address"), "name", name).expect("a valid name")
}

/// A new email to therapist 7.
#[expect(clippy::expect_used, reason = "only tests call it, with constants")]
pub fn new_email(status: EmailStatus) -> NewEmail {
    let inhalt = Inhalt {
        html: "<p>Guten Tag</p>\n".to_owned(),
        text: "Guten Tag\n".to_owned(),
        legal_footer: true,
    };
    NewEmail::draft(
        Empfaenger::Therapeut(7),
        mailbox("praxis", "Dr. Ada Beispiel"),
        mailbox("info", "Vermittlung"),
        "Anfrage",
        inhalt,
    )
    .expect("a valid draft")
    .with_status(status)
    .expect("a valid status")
}

/// The creation of an email, five seconds of undo.
pub fn created(id: i64, status: EmailStatus) -> Change<Email> {
    let message_id = format!("{id}@example.org");
    new_email(status).create(EmailId(id), message_id, instant(), TimeDelta::seconds(5))
}

/// An email in any state, made by its own transitions where there are any.
pub fn email(id: i64, status: EmailStatus) -> Email {
    let initial = if status == EmailStatus::Entwurf {
        status
    } else {
        EmailStatus::InWarteschlange
    };
    let email = created(id, initial).into_after();
    if email.status == status {
        return email;
    }
    let mut record = (*email).clone();
    record.status = status;
    record.versucht_am = Some(instant());
    Email::restore(record)
}

/// [`instant`] on the clocks of Germany: Saturday 2026-01-31, 10:15.
pub fn moment() -> Moment {
    let at = instant();
    Moment {
        at,
        wall: at.naive_utc() + TimeDelta::hours(1),
    }
}

/// So many days after [`moment`].
pub fn tag(days: u64) -> NaiveDate {
    moment().heute() + Days::new(days)
}

/// A time of that day.
#[expect(clippy::expect_used, reason = "only tests call it, with constants")]
pub fn zeit(days: u64, hour: u32, minute: u32) -> NaiveDateTime {
    let time = tag(days).and_hms_opt(hour, minute, 0);
    time.expect("a valid time of day")
}

/// The planning of a call as long as usual.
#[expect(clippy::expect_used, reason = "only tests call it, with constants")]
pub fn planned(id: i64, person: Empfaenger, beginn: NaiveDateTime) -> Change<Telefonanruf> {
    NewTelefonanruf::to(person)
        .plan(TelefonanrufId(id), beginn, moment())
        .expect("a slot to come")
}

/// A call to therapist 7 in any state, planned for Monday 2026-02-02, 09:00.
#[expect(clippy::expect_used, reason = "only tests call it, with constants")]
pub fn telefonanruf(id: i64, status: TelefonanrufStatus) -> Telefonanruf {
    let patch = TelefonanrufPatch {
        status: Some(status),
        ..TelefonanrufPatch::default()
    };
    planned(id, Empfaenger::Therapeut(7), zeit(2, 9, 0))
        .into_after()
        .apply(patch, moment())
        .expect("a state that a planned call may enter")
        .into_after()
}

/// The next attempt after this call to therapist 7, which has failed.
#[expect(clippy::expect_used, reason = "only tests call it, with constants")]
pub fn retry_of(id: i64) -> NewTelefonanruf {
    telefonanruf(id, TelefonanrufStatus::Fehlgeschlagen)
        .wiederholung(Wiederholungsregeln::default(), moment().heute(), &[])
        .expect("the first attempt")
        .expect("a failed call")
        .anruf
}
