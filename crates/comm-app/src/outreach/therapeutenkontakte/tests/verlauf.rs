//! The timeline of a therapist, and what the rules say.

use super::*;
use comm_domain::outreach::{Grund, Kontakterlaubnis, Kontakthindernis, Kontaktsperre};
use comm_ports::outreach::{Counting, Kontaktereignis, Sperre};
use comm_ports::page::{Page, PageRequest};

fn nothing() -> Page<Kontaktereignis> {
    Page {
        rows: Vec::new(),
        total: None,
        next: None,
    }
}

async fn stand_of(lage: Option<Therapeutenlage>, sperre: Option<Sperre>) -> Regelstand {
    let mut reads = MockKontaktberichte::new();
    let in_berlin = |id: &i64, _: &PageRequest, counting: &Counting, zone: &Zeitzone| {
        (*id, *counting, *zone) == (7, Counting::Exact, berlin())
    };
    reads
        .expect_kontakte()
        .withf(in_berlin)
        .returning(|_, _, _, _| Ok(nothing()));
    reads
        .expect_therapeuten()
        .withf(|ids| ids == [7])
        .return_once(move |_| Ok(lage.into_iter().collect()));
    reads
        .expect_sperre()
        .withf(|id| *id == 7)
        .return_once(move |_| Ok(sperre));
    let (kontakte, first) = (reading(reads), PageRequest::default());
    let verlauf = kontakte.kontakte(7, &first, Counting::Exact);
    verlauf.await.unwrap().regelstand
}

fn no(grund: Grund, until: Option<&str>) -> Kontakterlaubnis {
    Kontakterlaubnis::Abgelehnt(Kontakthindernis {
        grund,
        naechster_kontakt_moeglich: until.map(day),
    })
}

#[tokio::test]
async fn nothing_is_known_of_a_therapist_and_nothing_kept_from() {
    let stand = stand_of(None, None).await;
    let free = Regelstand {
        letzter_kontakt: None,
        letzte_mail: None,
        letzte_ablehnung: None,
        gesperrt: None,
        mail: Kontakterlaubnis::Erlaubt,
        anruf: Kontakterlaubnis::Erlaubt,
    };
    assert_eq!(stand, free);
}

#[tokio::test]
async fn the_rules_for_the_service_are_asked_about_today() {
    let mut lage = mailed(7, Some("2026-01-28"));
    lage.zuletzt_gesprochen = "2026-01-29T10:00:00".parse().ok();
    let stand = stand_of(Some(lage.clone()), None).await;
    assert_eq!(
        stand.letzter_kontakt,
        "2026-01-29T09:00:00Z".parse::<DateTime<Utc>>().ok()
    );
    assert_eq!(stand.letzte_mail, Some(day("2026-01-28")));
    assert_eq!(stand.mail, no(Grund::Wochenfrist, Some("2026-02-04")));
    assert_eq!(stand.anruf, Kontakterlaubnis::Erlaubt);
    lage.kontakt.abgelehnt_am_telefon = Some(day("2026-01-29"));
    let refused = stand_of(Some(lage), None).await;
    assert_eq!(refused.letzte_ablehnung, Some(day("2026-01-29")));
    for way in [refused.mail, refused.anruf] {
        assert_eq!(way, no(Grund::Sperrfrist, Some("2026-02-26")));
    }
}

#[tokio::test]
async fn a_block_is_shown_as_long_as_it_holds() {
    for (dauer, holds) in [
        (Kontaktsperre::Unbefristet, true),
        (Kontaktsperre::Bis(day("2026-01-31")), true),
        (Kontaktsperre::Bis(day("2026-01-30")), false),
    ] {
        let mut lage = mailed(7, None);
        lage.kontakt.sperre = Some(dauer);
        let sperre = Sperre {
            seit: noon("2026-01-01"),
            dauer,
            begruendung: "Umzug".to_owned(),
        };
        let stand = stand_of(Some(lage), Some(sperre.clone())).await;
        assert_eq!(stand.gesperrt, holds.then_some(sperre), "{dauer:?}");
        assert_eq!(stand.anruf == Kontakterlaubnis::Erlaubt, !holds);
    }
}

#[tokio::test]
async fn an_id_that_no_therapist_has_is_not_found() {
    for id in [0, -7] {
        let (kontakte, first) = (reading(MockKontaktberichte::new()), PageRequest::default());
        let answer = kontakte.kontakte(id, &first, Counting::Capped);
        let error = answer.await.unwrap_err();
        assert!(matches!(error, OutreachError::TherapistPathNotFound));
    }
}
