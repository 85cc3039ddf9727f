use crate::support::{at, day, decide_on, regeln, silence};
use chrono::{DateTime, TimeDelta, Utc};
use comm_domain::outreach::kontaktregeln::Kontaktsperre;
use comm_domain::outreach::nachverfolgung::{
    Bisher, Entscheidung, Lage, Nachverfolgungsregeln, OffeneEmail, Verzeichnis,
};
use comm_domain::outreach::{
    Durchsetzung, Email, EmailId, EmailPatch, EmailStatus, Empfaenger, Grund, Inhalt,
    Kontaktregeln, Kontaktstand, NewEmail, Patch, TelefonanrufId,
};
use comm_domain::{EmailAddress, Mailbox};

const ANRUF: TelefonanrufId = TelefonanrufId(3);

fn refused_on(on: u64) -> Kontaktstand {
    Kontaktstand {
        letzte_ablehnung: Some(day(on)),
        ..Kontaktstand::default()
    }
}

fn blocked(sperre: Kontaktsperre) -> Lage {
    let kontakt = Kontaktstand {
        sperre: Some(sperre),
        ..Kontaktstand::default()
    };
    Lage {
        kontakt,
        ..silence()
    }
}

fn not_yet(grund: Option<Grund>, ab: Option<u64>) -> Entscheidung {
    let ab = ab.map(day);
    Entscheidung::NochNicht { grund, ab }
}

#[test]
fn a_call_is_due_on_the_seventh_day_of_silence() {
    for am in 0..7 {
        assert_eq!(decide_on(&silence(), am), not_yet(None, Some(7)));
    }
    assert_eq!(decide_on(&silence(), 7), Entscheidung::Planen);
}

#[test]
fn a_mail_that_was_not_sent_is_not_due() {
    let mut lage = silence();
    lage.email.gesendet = None;
    assert_eq!(decide_on(&lage, 30), not_yet(None, None));
}

#[test]
fn a_mail_of_more_than_60_days_is_too_old() {
    assert_eq!(decide_on(&silence(), 60), Entscheidung::Planen);
    assert_eq!(
        decide_on(&silence(), 61),
        Entscheidung::Lassen(Grund::ZuAlt)
    );
}

#[test]
fn imported_history_is_left_alone() {
    let decide = |not_before| {
        let regeln = Nachverfolgungsregeln::since(not_before);
        regeln.decide(&silence(), &Kontaktregeln::SERVICE, day(7))
    };
    assert_eq!(decide(at(0, 15)), Entscheidung::Planen);
    assert_eq!(decide(at(0, 16)), Entscheidung::Lassen(Grund::ZuAlt));
}

#[test]
fn an_answered_mail_gets_no_call() {
    let mut lage = silence();
    lage.email.antwort_erhalten = true;
    let expected = Entscheidung::Lassen(Grund::BereitsBeantwortet);
    assert_eq!(decide_on(&lage, 7), expected);
}

#[test]
fn a_therapist_who_was_spoken_to_since_gets_no_call() {
    let spoken = |on, hour| Lage {
        zuletzt_gesprochen: Some(at(on, hour)),
        ..silence()
    };
    let expected = Entscheidung::Lassen(Grund::BereitsBeantwortet);
    assert_eq!(decide_on(&spoken(0, 16), 7), expected);
    assert_eq!(decide_on(&spoken(6, 9), 7), expected);
    assert_eq!(decide_on(&spoken(0, 15), 7), Entscheidung::Planen);
}

#[test]
fn a_follow_up_can_be_switched_off_for_one_mail_and_for_all() {
    let expected = Entscheidung::Lassen(Grund::Abgeschaltet);
    let mut lage = silence();
    lage.email.nachverfolgung_erforderlich = Some(false);
    assert_eq!(decide_on(&lage, 7), expected);
    lage.email.nachverfolgung_erforderlich = Some(true);
    assert_eq!(decide_on(&lage, 7), Entscheidung::Planen);
    let off = Nachverfolgungsregeln {
        enabled: false,
        ..regeln()
    };
    let decision = off.decide(&silence(), &Kontaktregeln::SERVICE, day(7));
    assert_eq!(decision, expected);
}

#[test]
fn a_therapist_who_refused_within_4_weeks_gets_no_call_at_all() {
    let lage = Lage {
        kontakt: refused_on(0),
        ..silence()
    };
    assert_eq!(decide_on(&lage, 6), not_yet(None, Some(7)));
    let decision = decide_on(&lage, 27);
    assert_eq!(decision, Entscheidung::Lassen(Grund::Sperrfrist));
    assert!(decision.is_final());
    assert_eq!(decide_on(&lage, 28), Entscheidung::Planen);
}

#[test]
fn a_refusal_counts_also_when_a_call_is_planned_or_the_therapist_is_blocked_for_longer() {
    let lage = Lage {
        kontakt: Kontaktstand {
            sperre: Some(Kontaktsperre::Bis(day(50))),
            ..refused_on(0)
        },
        geplanter_anruf: Some(ANRUF),
        ..silence()
    };
    assert_eq!(
        decide_on(&lage, 10),
        Entscheidung::Lassen(Grund::Sperrfrist)
    );
}

#[test]
fn a_cooling_off_that_is_not_enforced_stops_no_call() {
    let lage = Lage {
        kontakt: refused_on(0),
        ..silence()
    };
    for mode in [Durchsetzung::Warn, Durchsetzung::Off] {
        let decision = regeln().decide(&lage, &Kontaktregeln::all(mode), day(10));
        assert_eq!(decision, Entscheidung::Planen);
    }
}

#[test]
fn a_blocked_therapist_is_called_once_the_block_has_ended() {
    let lage = blocked(Kontaktsperre::Bis(day(20)));
    let expected = not_yet(Some(Grund::Gesperrt), Some(21));
    assert_eq!(decide_on(&lage, 20), expected);
    assert_eq!(decide_on(&lage, 21), Entscheidung::Planen);
    let forever = blocked(Kontaktsperre::Unbefristet);
    assert_eq!(
        decide_on(&forever, 20),
        not_yet(Some(Grund::Gesperrt), None)
    );
}

#[test]
fn a_mail_joins_a_call_that_is_planned_also_while_blocked_or_without_the_directory() {
    let lage = Lage {
        geplanter_anruf: Some(ANRUF),
        verzeichnis: Verzeichnis::NichtErreichbar,
        ..blocked(Kontaktsperre::Unbefristet)
    };
    assert_eq!(decide_on(&lage, 7), Entscheidung::Anschliessen(ANRUF));
    assert_eq!(decide_on(&lage, 6), not_yet(None, Some(7)));
}

#[test]
fn without_the_directory_a_call_waits_for_another_run() {
    let lage = Lage {
        verzeichnis: Verzeichnis::NichtErreichbar,
        ..silence()
    };
    let decision = decide_on(&lage, 7);
    let expected = not_yet(Some(Grund::VerzeichnisNichtErreichbar), None);
    assert_eq!(decision, expected);
    assert!(!decision.is_final());
}

#[test]
fn a_mail_that_was_decided_is_never_decided_again() {
    let lage = Lage {
        bisher: Bisher::Entschieden,
        ..silence()
    };
    assert_eq!(decide_on(&lage, 7), Entscheidung::SchonEntschieden);
    assert_eq!(decide_on(&lage, 90), Entscheidung::SchonEntschieden);
}

#[test]
fn only_what_a_later_run_could_not_find_again_is_final() {
    assert!(Entscheidung::Planen.is_final());
    assert!(Entscheidung::Anschliessen(ANRUF).is_final());
    for grund in [Grund::Abgeschaltet, Grund::BereitsBeantwortet, Grund::ZuAlt] {
        assert!(!Entscheidung::Lassen(grund).is_final());
    }
    assert!(!not_yet(None, Some(7)).is_final());
    assert!(!Entscheidung::SchonEntschieden.is_final());
}

fn draft(empfaenger: Empfaenger) -> Email {
    let mailbox = || {
        let address = EmailAddress::parse("email", "praxis@example.org").unwrap();
        Mailbox::parse(address, "name", "Praxis").unwrap()
    };
    let inhalt = Inhalt {
        html: "<p>Guten Tag</p>".to_owned(),
        text: "Guten Tag".to_owned(),
        legal_footer: false,
    };
    let new = NewEmail::draft(empfaenger, mailbox(), mailbox(), "Anfrage", inhalt).unwrap();
    let change = new.create(
        EmailId(5),
        "id@example.org".to_owned(),
        noon(),
        TimeDelta::zero(),
    );
    change.into_after()
}

fn noon() -> DateTime<Utc> {
    at(0, 12).and_utc()
}

fn open(email: &Email) -> Option<OffeneEmail> {
    OffeneEmail::of(email, |instant| instant.naive_utc() + TimeDelta::hours(1))
}

#[test]
fn an_email_shows_what_follow_ups_need() {
    let email = draft(Empfaenger::Therapeut(7));
    assert_eq!(open(&email).unwrap().gesendet, None);
    let patch = EmailPatch {
        status: Some(EmailStatus::Gesendet),
        antwort_erhalten: Some(true),
        nachverfolgung_erforderlich: Patch::Set(false),
        ..EmailPatch::default()
    };
    let sent = email.apply(patch, noon(), TimeDelta::zero()).unwrap();
    let expected = OffeneEmail {
        id: EmailId(5),
        gesendet: Some(at(0, 13)),
        antwort_erhalten: true,
        nachverfolgung_erforderlich: Some(false),
    };
    assert_eq!(open(sent.after()), Some(expected));
    let mut in_doubt = (**sent.after()).clone();
    in_doubt.status = EmailStatus::Fehlgeschlagen;
    assert_eq!(open(&Email::restore(in_doubt)).unwrap().gesendet, None);
}

#[test]
fn emails_to_patients_are_not_followed_up() {
    assert_eq!(open(&draft(Empfaenger::Patient(7))), None);
}
