//! Which change is a contact with a patient, and on which day.
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

use chrono::{DateTime, TimeDelta, Utc};
use comm_domain::outreach::{
    Email, EmailId, EmailPatch, EmailStatus, Empfaenger, Fehler, Fehlergrund, Inhalt,
    LetzterKontakt, NewEmail, Outcome, Versuchsplan,
};
use comm_domain::{Change, EmailAddress, Mailbox, Zeitzone};

const PATIENT: Empfaenger = Empfaenger::Patient(3);

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn berlin() -> Zeitzone {
    Zeitzone::parse("service.time_zone", "Europe/Berlin").unwrap()
}

fn created(empfaenger: Empfaenger) -> Change<Email> {
    let address = EmailAddress::parse("a", "a@example.org").unwrap();
    let mailbox = Mailbox::parse(address, "n", "Name").unwrap();
    let inhalt = Inhalt {
        html: "<p>x</p>".to_owned(),
        text: "x".to_owned(),
        legal_footer: true,
    };
    let new = NewEmail::draft(empfaenger, mailbox.clone(), mailbox, "Betreff", inhalt).unwrap();
    let new = new.with_status(EmailStatus::InWarteschlange).unwrap();
    let now = at("2026-01-30T12:00:00Z");
    new.create(
        EmailId(1),
        "m@example.org".to_owned(),
        now,
        TimeDelta::zero(),
    )
}

/// As the store's claim leaves it.
fn under_way(empfaenger: Empfaenger, since: DateTime<Utc>) -> Email {
    let mut record = (*created(empfaenger).into_after()).clone();
    record.status = EmailStatus::WirdGesendet;
    record.versucht_am = Some(since);
    Email::restore(record)
}

fn to_sent() -> EmailPatch {
    EmailPatch {
        status: Some(EmailStatus::Gesendet),
        ..EmailPatch::default()
    }
}

/// The patient and the day of the contact that the change makes.
fn contact(change: &Change<Email>) -> Option<(i64, String)> {
    let contact = LetzterKontakt::of(change, berlin())?;
    Some((contact.patient_id, contact.datum.to_string()))
}

#[test]
fn the_day_is_the_one_on_which_it_was_sent_where_the_staff_is() {
    for (sent, day) in [
        ("2026-01-31T22:59:59Z", "2026-01-31"),
        ("2026-01-31T23:00:00Z", "2026-02-01"),
        // The clocks change on 2026-03-29 at 01:00 UTC.
        ("2026-03-28T23:00:00Z", "2026-03-29"),
        ("2026-03-29T22:00:00Z", "2026-03-30"),
        ("2026-07-01T22:00:00Z", "2026-07-02"),
    ] {
        let email = under_way(PATIENT, at(sent));
        let change = email
            .settle(Outcome::Accepted, at(sent), &Versuchsplan::default())
            .unwrap();
        assert_eq!(contact(&change), Some((3, day.to_owned())), "{sent}");
    }
}

#[test]
fn by_hand_it_is_today_and_of_a_mail_in_doubt_the_day_of_its_attempt() {
    let (yesterday, today) = (at("2026-01-30T12:00:00Z"), at("2026-01-31T12:00:00Z"));
    let by_hand = created(PATIENT)
        .into_after()
        .apply(to_sent(), today, TimeDelta::zero());
    assert_eq!(
        contact(&by_hand.unwrap()),
        Some((3, "2026-01-31".to_owned()))
    );
    let doubt = Outcome::Failed(Fehler::in_doubt(Fehlergrund::AntwortFehlt));
    let doubted = under_way(PATIENT, yesterday)
        .settle(doubt, today, &Versuchsplan::default())
        .unwrap();
    assert_eq!(contact(&doubted), None);
    let settled = doubted
        .into_after()
        .apply(to_sent(), today, TimeDelta::zero());
    assert_eq!(
        contact(&settled.unwrap()),
        Some((3, "2026-01-30".to_owned()))
    );
}

#[test]
fn nothing_else_is_a_contact_with_a_patient() {
    let now = at("2026-01-31T12:00:00Z");
    let to_therapist = under_way(Empfaenger::Therapeut(3), now);
    let sent = to_therapist
        .settle(Outcome::Accepted, now, &Versuchsplan::default())
        .unwrap();
    assert_eq!(contact(&sent), None);
    assert_eq!(contact(&created(PATIENT)), None);
    let sent = under_way(PATIENT, now)
        .settle(Outcome::Accepted, now, &Versuchsplan::default())
        .unwrap();
    let answered = EmailPatch {
        antwort_erhalten: Some(true),
        ..to_sent()
    };
    let change = sent.into_after().apply(answered, now, TimeDelta::zero());
    assert_eq!(contact(&change.unwrap()), None, "it was sent before");
}

#[test]
fn a_time_zone_that_nobody_knows_is_refused_with_its_key() {
    for name in ["", "Berlin", "Europe/Berlln", "+01:00"] {
        let refused = Zeitzone::parse("service.time_zone", name).unwrap_err();
        assert!(
            refused.to_string().starts_with("service.time_zone"),
            "{refused}"
        );
    }
}
