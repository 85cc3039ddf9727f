//! When a therapist may be contacted (contract, 'Contact rules').
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which clippy.toml does not cover"
)]

use chrono::{Days, NaiveDate};
use comm_domain::outreach::kontaktregeln::{
    BEGRUENDUNG_MAX_CHARS, Kontakthindernis, Kontaktsperre, Kontaktweg, begruendung,
};
use comm_domain::outreach::{
    Durchsetzung::{self, Enforce, Off, Warn},
    Grund, Kontakterlaubnis, Kontaktregeln, Kontaktstand,
};
use proptest::prelude::*;
use proptest::sample::select;

/// Day 0 is 2026-01-30, so that the rules cross the end of a month.
fn day(day: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 30).unwrap() + Days::new(day)
}

fn mailed(on: u64) -> Kontaktstand {
    Kontaktstand {
        letzte_mail: Some(day(on)),
        ..Kontaktstand::default()
    }
}

fn refused(on: u64) -> Kontaktstand {
    Kontaktstand {
        letzte_ablehnung: Some(day(on)),
        ..Kontaktstand::default()
    }
}

fn blocked(sperre: Kontaktsperre) -> Kontaktstand {
    Kontaktstand {
        sperre: Some(sperre),
        ..Kontaktstand::default()
    }
}

fn mail_on(stand: &Kontaktstand, am: u64) -> Kontakterlaubnis {
    Kontaktregeln::SERVICE.check(stand, Kontaktweg::Mail, day(am))
}

fn call_on(stand: &Kontaktstand, am: u64) -> Kontakterlaubnis {
    Kontaktregeln::SERVICE.check(stand, Kontaktweg::Anruf, day(am))
}

fn not_before(grund: Grund, free: u64) -> Kontakthindernis {
    Kontakthindernis {
        grund,
        naechster_kontakt_moeglich: Some(day(free)),
    }
}

fn no(grund: Grund, free: u64) -> Kontakterlaubnis {
    Kontakterlaubnis::Abgelehnt(not_before(grund, free))
}

#[test]
fn nobody_is_kept_from_a_therapist_of_whom_nothing_is_known() {
    let stand = Kontaktstand::default();
    assert_eq!(mail_on(&stand, 0), Kontakterlaubnis::Erlaubt);
    assert_eq!(call_on(&stand, 0), Kontakterlaubnis::Erlaubt);
}

#[test]
fn the_mail_after_a_mail_may_go_on_the_seventh_day() {
    for am in 0..7 {
        assert_eq!(mail_on(&mailed(0), am), no(Grund::Wochenfrist, 7));
    }
    assert_eq!(mail_on(&mailed(0), 7), Kontakterlaubnis::Erlaubt);
}

#[test]
fn a_mail_keeps_nobody_from_calling() {
    assert_eq!(call_on(&mailed(0), 0), Kontakterlaubnis::Erlaubt);
}

#[test]
fn after_a_refusal_neither_mail_nor_call_for_28_days() {
    for check in [mail_on, call_on] {
        assert_eq!(check(&refused(0), 0), no(Grund::Sperrfrist, 28));
        assert_eq!(check(&refused(0), 27), no(Grund::Sperrfrist, 28));
        assert_eq!(check(&refused(0), 28), Kontakterlaubnis::Erlaubt);
    }
}

#[test]
fn a_block_by_hand_includes_its_last_day() {
    let stand = blocked(Kontaktsperre::Bis(day(5)));
    for check in [mail_on, call_on] {
        assert_eq!(check(&stand, 5), no(Grund::Gesperrt, 6));
        assert_eq!(check(&stand, 6), Kontakterlaubnis::Erlaubt);
    }
}

#[test]
fn a_block_without_an_end_lasts_and_outlasts_every_other_rule() {
    let stand = Kontaktstand {
        sperre: Some(Kontaktsperre::Unbefristet),
        ..refused(0)
    };
    let expected = Kontakterlaubnis::Abgelehnt(Kontakthindernis {
        grund: Grund::Gesperrt,
        naechster_kontakt_moeglich: None,
    });
    assert_eq!(mail_on(&stand, 1), expected);
    assert_eq!(mail_on(&stand, 100_000), expected);
}

#[test]
fn of_several_rules_the_one_that_ends_last_is_told() {
    let stand = Kontaktstand {
        letzte_mail: Some(day(25)),
        letzte_ablehnung: Some(day(0)),
        sperre: Some(Kontaktsperre::Bis(day(10))),
    };
    assert_eq!(mail_on(&stand, 25), no(Grund::Wochenfrist, 32));
    assert_eq!(call_on(&stand, 5), no(Grund::Sperrfrist, 28));
}

#[test]
fn of_rules_that_end_on_the_same_day_the_stronger_is_told() {
    let mut stand = Kontaktstand {
        letzte_mail: Some(day(21)),
        letzte_ablehnung: Some(day(0)),
        sperre: None,
    };
    assert_eq!(mail_on(&stand, 22), no(Grund::Sperrfrist, 28));
    stand.sperre = Some(Kontaktsperre::Bis(day(27)));
    assert_eq!(mail_on(&stand, 22), no(Grund::Gesperrt, 28));
}

#[test]
fn clients_are_warned_and_the_service_is_refused_by_default() {
    let warned = Kontaktregeln::CLIENTS.check(&refused(0), Kontaktweg::Anruf, day(3));
    let hindernis = not_before(Grund::Sperrfrist, 28);
    assert_eq!(warned, Kontakterlaubnis::Gewarnt(hindernis));
    let refused = Kontaktregeln::SERVICE.check(&refused(0), Kontaktweg::Anruf, day(3));
    assert_eq!(refused, Kontakterlaubnis::Abgelehnt(hindernis));
}

#[test]
fn a_rule_that_is_off_is_not_looked_at() {
    let stand = Kontaktstand {
        letzte_mail: Some(day(0)),
        letzte_ablehnung: Some(day(0)),
        sperre: Some(Kontaktsperre::Unbefristet),
    };
    let off = Kontaktregeln::all(Off);
    let result = off.check(&stand, Kontaktweg::Mail, day(0));
    assert_eq!(result, Kontakterlaubnis::Erlaubt);
}

#[test]
fn an_enforced_rule_comes_before_a_warning_that_lasts_longer() {
    let regeln = Kontaktregeln {
        sperrfrist: Warn,
        ..Kontaktregeln::SERVICE
    };
    let stand = Kontaktstand {
        letzte_mail: Some(day(0)),
        ..refused(0)
    };
    let check = |am| regeln.check(&stand, Kontaktweg::Mail, day(am));
    assert_eq!(check(6), no(Grund::Wochenfrist, 7));
    let warned = Kontakterlaubnis::Gewarnt(not_before(Grund::Sperrfrist, 28));
    assert_eq!(check(7), warned);
}

#[test]
fn a_rule_at_the_end_of_the_calendar_refuses_without_a_date() {
    let stand = Kontaktstand {
        letzte_mail: Some(NaiveDate::MAX),
        ..Kontaktstand::default()
    };
    let result = Kontaktregeln::SERVICE.check(&stand, Kontaktweg::Mail, NaiveDate::MAX);
    let expected = Kontakthindernis {
        grund: Grund::Wochenfrist,
        naechster_kontakt_moeglich: None,
    };
    assert_eq!(result, Kontakterlaubnis::Abgelehnt(expected));
}

#[test]
fn the_settings_are_spelled_as_in_the_configuration() {
    for (name, value) in [("off", Off), ("warn", Warn), ("enforce", Enforce)] {
        assert_eq!(Durchsetzung::parse(name), Ok(value));
        assert_eq!(value.to_string(), name);
    }
    assert!(Durchsetzung::parse("Enforce").is_err());
}

#[test]
fn ways_are_spelled_as_in_the_api() {
    for (name, weg) in [("mail", Kontaktweg::Mail), ("anruf", Kontaktweg::Anruf)] {
        assert_eq!(Kontaktweg::parse(name), Ok(weg));
        assert_eq!(weg.as_str(), name);
    }
    let error = Kontaktweg::parse("brief").unwrap_err().to_string();
    assert_eq!(error, "weg must be one of 'mail', 'anruf'");
}

#[test]
fn a_block_says_when_it_ends() {
    let ends = |sperre: Kontaktsperre| sperre.hindernis().naechster_kontakt_moeglich;
    assert_eq!(ends(Kontaktsperre::Bis(day(5))), Some(day(6)));
    assert_eq!(ends(Kontaktsperre::Unbefristet), None);
    assert!(Kontaktsperre::Bis(day(5)).hindernis().stands_on(day(5)));
    assert!(!Kontaktsperre::Bis(day(5)).hindernis().stands_on(day(6)));
}

#[test]
fn the_reason_of_a_block_is_said_in_a_thousand_characters() {
    let most = "ä".repeat(BEGRUENDUNG_MAX_CHARS);
    assert_eq!(begruendung(&format!(" {most}\n")), Ok(most.clone()));
    assert_eq!(begruendung("zwei\nZeilen"), Ok("zwei\nZeilen".to_owned()));
    for wrong in ["", " \n ", "a\0b", &format!("{most}x")] {
        let error = begruendung(wrong).unwrap_err().to_string();
        assert!(error.starts_with("begruendung must"), "{error}");
    }
}

fn stand() -> impl Strategy<Value = Kontaktstand> {
    let sperre = prop_oneof![
        4 => (0..80_u64).prop_map(|last| Kontaktsperre::Bis(day(last))),
        1 => Just(Kontaktsperre::Unbefristet),
    ];
    (
        proptest::option::of(0..80_u64),
        proptest::option::of(0..80_u64),
        proptest::option::of(sperre),
    )
        .prop_map(|(mail, refusal, sperre)| Kontaktstand {
            letzte_mail: mail.map(day),
            letzte_ablehnung: refusal.map(day),
            sperre,
        })
}

fn regeln() -> impl Strategy<Value = Kontaktregeln> {
    let modes = select(Durchsetzung::ALL);
    (modes.clone(), modes.clone(), modes).prop_map(|(wochenfrist, sperrfrist, sperre)| {
        Kontaktregeln {
            wochenfrist,
            sperrfrist,
            sperre,
        }
    })
}

/// The rules said once more, day by day: how strongly each speaks against a contact.
fn force(
    regeln: &Kontaktregeln,
    stand: &Kontaktstand,
    weg: Kontaktweg,
    am: NaiveDate,
) -> Vec<Durchsetzung> {
    let within = |contact: Option<NaiveDate>, days: i64| {
        contact.is_some_and(|contact| (am - contact).num_days() < days)
    };
    let mut hits = Vec::new();
    if weg == Kontaktweg::Mail && within(stand.letzte_mail, 7) {
        hits.push(regeln.wochenfrist);
    }
    if within(stand.letzte_ablehnung, 28) {
        hits.push(regeln.sperrfrist);
    }
    if match stand.sperre {
        None => false,
        Some(Kontaktsperre::Bis(last)) => am <= last,
        Some(Kontaktsperre::Unbefristet) => true,
    } {
        hits.push(regeln.sperre);
    }
    hits
}

proptest! {
    #[test]
    fn a_no_ends_on_the_day_that_it_names_and_not_a_day_before(
        stand in stand(),
        regeln in regeln(),
        weg in select(&[Kontaktweg::Mail, Kontaktweg::Anruf][..]),
        start in 0..120_u64,
    ) {
        let check = |am| regeln.check(&stand, weg, am);
        let refuses = |am| matches!(check(am), Kontakterlaubnis::Abgelehnt(_));
        match check(day(start)) {
            Kontakterlaubnis::Erlaubt => {}
            Kontakterlaubnis::Abgelehnt(hindernis) => match hindernis.naechster_kontakt_moeglich {
                None => prop_assert!(refuses(day(100_000))),
                Some(free) => {
                    prop_assert!(day(start).iter_days().take_while(|am| *am < free).all(refuses));
                    prop_assert!(!refuses(free));
                }
            },
            Kontakterlaubnis::Gewarnt(hindernis) => {
                if let Some(free) = hindernis.naechster_kontakt_moeglich {
                    let silent = |am: &NaiveDate| check(*am) == Kontakterlaubnis::Erlaubt;
                    prop_assert_eq!(day(start).iter_days().find(silent), Some(free));
                }
            }
        }
    }

    #[test]
    fn the_answer_is_as_strong_as_the_strongest_rule_that_is_hit(
        stand in stand(),
        regeln in regeln(),
        weg in select(&[Kontaktweg::Mail, Kontaktweg::Anruf][..]),
        am in 0..120_u64,
    ) {
        let hits = force(&regeln, &stand, weg, day(am));
        let answer = regeln.check(&stand, weg, day(am));
        if hits.contains(&Enforce) {
            prop_assert!(matches!(answer, Kontakterlaubnis::Abgelehnt(_)));
        } else if hits.contains(&Warn) {
            prop_assert!(matches!(answer, Kontakterlaubnis::Gewarnt(_)));
        } else {
            prop_assert_eq!(answer, Kontakterlaubnis::Erlaubt);
        }
    }
}
