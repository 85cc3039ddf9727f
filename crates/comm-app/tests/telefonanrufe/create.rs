use crate::common;
use crate::support::{Office, day, request, time, today};
use comm_app::OutreachError;
use comm_app::outreach::telefonanrufe::{CreateTelefonanruf, OnOverlap};
use comm_domain::outreach::{Grund, TelefonanrufStatus};
use comm_ports::outreach::{Belegung, Kontaktdaten};

/// The test of `docs/TESTING.md`.
#[tokio::test]
async fn a_call_gets_the_first_slot_that_is_free() {
    let monday = day(2, 2);
    let office = Office::with_taken(&[monday.and_time(time(9, 0))]);
    let calls = office.open();
    let request = CreateTelefonanruf {
        therapist_id: Some(7),
        ..CreateTelefonanruf::default()
    };
    let call = calls.create(request).await.unwrap().anruf;
    assert_eq!(call.termin.beginn(), monday.and_time(time(9, 5)));
}

#[tokio::test]
async fn a_time_without_a_day_is_tomorrows() {
    let request = CreateTelefonanruf {
        geplante_zeit: Some(time(11, 20)),
        ..request()
    };
    let shown = Office::default().open().create(request).await.unwrap();
    let tomorrow = day(1, 2).and_time(time(11, 20));
    assert_eq!(shown.anruf.termin.beginn(), tomorrow);
    // Sunday is outside of the office hours; existing clients book there all the same.
    assert_eq!(shown.hinweise.len(), 1);
    assert!(
        shown.hinweise[0]
            .as_str()
            .contains("außerhalb der Telefonzeiten")
    );
}

#[tokio::test]
async fn a_day_without_a_time_is_where_the_search_begins() {
    let request = CreateTelefonanruf {
        geplantes_datum: Some(day(4, 2)),
        ..request()
    };
    let call = Office::default()
        .open()
        .create(request)
        .await
        .unwrap()
        .anruf;
    assert_eq!(call.termin.beginn(), day(4, 2).and_time(time(9, 0)));
}

#[tokio::test]
async fn a_taken_time_is_refused_with_the_next_free_slot() {
    let monday = day(2, 2);
    let office = Office::with_taken(&[monday.and_time(time(9, 30))]);
    let stored = office.stored();
    let wanted = CreateTelefonanruf {
        geplantes_datum: Some(monday),
        geplante_zeit: Some(time(9, 33)),
        ..request()
    };
    let error = office.open().create(wanted).await.unwrap_err();
    let OutreachError::SlotTaken {
        naechster_freier_termin,
    } = error
    else {
        panic!("{error}");
    };
    let next = naechster_freier_termin.unwrap().beginn();
    assert_eq!(next, monday.and_time(time(9, 35)));
    assert!(stored.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_taken_time_moves_where_that_is_configured() {
    let monday = day(2, 2);
    let mut office = Office::with_taken(&[monday.and_time(time(9, 30))]);
    let mut settings = common::anrufe();
    settings.on_overlap = OnOverlap::Move;
    office.settings = Some(settings);
    let wanted = CreateTelefonanruf {
        geplantes_datum: Some(monday),
        geplante_zeit: Some(time(9, 30)),
        ..request()
    };
    let shown = office.open().create(wanted).await.unwrap();
    assert_eq!(shown.anruf.termin.zeit(), time(9, 35));
    let told = shown.hinweise[0].as_str();
    assert!(told.contains("09:30") && told.contains("09:35"), "{told}");
}

#[tokio::test]
async fn the_past_is_refused_before_anything_else() {
    let past = CreateTelefonanruf {
        geplantes_datum: Some(today()),
        geplante_zeit: Some(time(10, 14)),
        ..request()
    };
    let office = Office::with_taken(&[today().and_time(time(10, 14))]);
    let error = office.open().create(past).await.unwrap_err();
    assert_eq!(error.to_string(), "geplante_zeit must not lie in the past");
}

#[tokio::test]
async fn after_a_refusal_nothing_is_offered_for_four_weeks() {
    let office = || Office {
        belegung: Belegung {
            kontakt: Kontaktdaten {
                abgelehnt_am_telefon: Some(day(20, 1)),
                ..Kontaktdaten::default()
            },
            ..Belegung::default()
        },
        ..Office::default()
    };
    let error = office().open().create(request()).await.unwrap_err();
    let OutreachError::NoSlots {
        grund,
        naechster_kontakt_moeglich,
        ..
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(grund, Grund::Sperrfrist);
    assert_eq!(naechster_kontakt_moeglich, Some(day(17, 2)));
    let later = CreateTelefonanruf {
        geplantes_datum: Some(day(10, 2)),
        ..request()
    };
    let call = office().open().create(later).await.unwrap().anruf;
    assert_eq!(call.termin.beginn(), day(17, 2).and_time(time(9, 0)));
}

#[tokio::test]
async fn a_call_that_was_made_takes_no_slot_and_is_now_unless_it_says_when() {
    let made = CreateTelefonanruf {
        status: Some("abgeschlossen".to_owned()),
        ..request()
    };
    let office = Office::with_taken(&[today().and_time(time(10, 15))]);
    let call = office.open().create(made).await.unwrap().anruf;
    assert_eq!(call.status, TelefonanrufStatus::Abgeschlossen);
    assert_eq!(call.tatsaechlich.datum, Some(today()));
    assert_eq!(call.tatsaechlich.zeit, Some(time(10, 15)));
}

#[tokio::test]
async fn a_call_begins_planned_or_made() {
    for status in ["fehlgeschlagen", "abgebrochen", "Quatsch"] {
        let wrong = CreateTelefonanruf {
            status: Some(status.to_owned()),
            ..request()
        };
        let error = Office::default().open().create(wrong).await.unwrap_err();
        let sentence = "Invalid status. Only 'geplant' or 'abgeschlossen' allowed";
        assert_eq!(error.to_string(), sentence);
    }
}
