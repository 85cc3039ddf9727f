//! Who may be contacted on a day.

use super::*;
use comm_domain::outreach::{Durchsetzung, Kontaktsperre, Kontaktweg};

async fn ids(
    kontakte: &Therapeutenkontakte,
    am: Option<&str>,
    weg: Option<Kontaktweg>,
) -> Vec<i64> {
    let am = am.map(day);
    let request = KontaktierbarRequest { am, weg };
    let page = PageRequest::default();
    let list = kontakte.kontaktierbar(request, &page).await.unwrap();
    list.rows.iter().map(|row| row.therapist_id).collect()
}

fn among(lagen: Vec<Therapeutenlage>) -> Therapeutenkontakte {
    let mut reads = MockKontaktberichte::new();
    let all = move || Ok(lagen.clone());
    reads.expect_alle_therapeuten().returning(all);
    reading(reads)
}

#[tokio::test]
async fn whoever_may_have_a_place_comes_first_and_then_the_longest_waiting() {
    let talk = Therapeutenlage {
        zuletzt_gesprochen: "2026-01-05T09:00:00".parse().ok(),
        ..mailed(3, Some("2026-01-01"))
    };
    let kontakte = among(vec![
        mailed(1, None),
        mailed(2, Some("2026-01-04")),
        talk,
        available(mailed(9, Some("2026-01-20"))),
        available(mailed(8, Some("2026-01-20"))),
        mailed(4, Some("2025-06-01")),
        available(mailed(7, None)),
    ]);
    assert_eq!(ids(&kontakte, None, None).await, [7, 8, 9, 1, 4, 2, 3]);
}

#[tokio::test]
async fn a_row_says_who_it_is_and_when_the_last_contact_was() {
    let talk = Therapeutenlage {
        zuletzt_gesprochen: "2026-01-05T09:00:00".parse().ok(),
        ..available(mailed(3, Some("2026-01-01")))
    };
    let list = among(vec![talk, mailed(4, Some("2026-01-06"))]);
    let request = KontaktierbarRequest::default();
    let list = list.kontaktierbar(request, &PageRequest::default()).await;
    let [known, unknown] = list.unwrap().rows.try_into().unwrap();
    // Nine o'clock on the wall of Berlin.
    assert_eq!(
        known.letzter_kontakt,
        "2026-01-05T08:00:00Z".parse::<DateTime<Utc>>().ok()
    );
    assert_eq!(known.merkmale.name.as_deref(), Some("Dr. Ada Beispiel"));
    assert!(known.merkmale.potenziell_verfuegbar);
    assert_eq!(unknown.letzter_kontakt, Some(noon("2026-01-06")));
    assert_eq!(unknown.merkmale, Merkmale::default());
    assert_eq!(format!("{:?}", known.merkmale), "Merkmale(..)");
}

#[tokio::test]
async fn who_may_only_be_called_is_left_out_unless_calls_are_asked_for() {
    let mut refused = mailed(5, None);
    refused.kontakt.abgelehnt_am_telefon = Some(day("2026-01-20"));
    let mut blocked = mailed(6, None);
    blocked.kontakt.sperre = Some(Kontaktsperre::Bis(day("2026-02-03")));
    let kontakte = among(vec![mailed(4, Some("2026-01-30")), refused, blocked]);
    for (am, weg, expected) in [
        (None, None, vec![]),
        (None, Some(Kontaktweg::Mail), vec![]),
        (None, Some(Kontaktweg::Anruf), vec![4]),
        (Some("2026-02-03"), Some(Kontaktweg::Anruf), vec![4]),
        (Some("2026-02-04"), None, vec![6]),
        (Some("2026-02-06"), None, vec![6, 4]),
        (Some("2026-02-17"), None, vec![5, 6, 4]),
    ] {
        assert_eq!(ids(&kontakte, am, weg).await, expected, "{am:?} {weg:?}");
    }
    let mut lenient = kontakte;
    lenient.settings.regeln = Kontaktregeln::all(Durchsetzung::Warn);
    assert_eq!(ids(&lenient, None, None).await, [5, 6, 4]);
}

#[tokio::test]
async fn a_day_that_is_over_is_refused() {
    let past = KontaktierbarRequest {
        am: Some(day("2026-01-30")),
        weg: None,
    };
    let error = reading(MockKontaktberichte::new())
        .kontaktierbar(past, &PageRequest::default())
        .await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "am must not lie in the past"
    );
}
