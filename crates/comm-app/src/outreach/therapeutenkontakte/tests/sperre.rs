//! Blocking by hand.

use super::*;
use chrono::{DateTime, TimeDelta, Utc};
use comm_domain::outreach::{Empfaenger, Kontaktsperre, Patch};
use comm_ports::outreach::Sperre;
use comm_ports::testing::build::instant;
use mockall::Sequence;

fn request(bis: Option<&str>, words: &str) -> SperreRequest {
    SperreRequest {
        bis: bis.map_or(Patch::Clear, |last| Patch::Set(day(last))),
        begruendung: Some(words.to_owned()),
    }
}

fn before(seit: DateTime<Utc>, dauer: Kontaktsperre) -> Sperre {
    Sperre {
        seit,
        dauer,
        begruendung: "früher".to_owned(),
    }
}

/// A transaction of therapist 7, who was blocked like this: locks first, then reads, saves and commits.
fn blocked(before: Option<Sperre>) -> MockOutreachTx {
    let (mut tx, mut order) = (MockOutreachTx::new(), Sequence::new());
    tx.expect_lock_kontaktstand()
        .times(1)
        .in_sequence(&mut order)
        .withf(|wer| *wer == Empfaenger::Therapeut(7))
        .returning(|_| Ok(()));
    tx.expect_sperre()
        .times(1)
        .in_sequence(&mut order)
        .returning(move |_| Ok(before.clone()));
    tx.expect_save_sperre()
        .times(1)
        .in_sequence(&mut order)
        .withf(|id, sperre| *id == 7 && sperre.is_some())
        .returning(|_, _| Ok(()));
    tx.expect_commit()
        .times(1)
        .in_sequence(&mut order)
        .returning(|| Ok(()));
    tx
}

async fn block_after(before: Option<Sperre>, request: SperreRequest) -> Sperre {
    let kontakte = writing(Some(blocked(before)));
    let shown = kontakte.set_sperre(7, Some(request)).await.unwrap();
    assert_eq!(shown.therapist_id, 7);
    shown.sperre.unwrap()
}

#[tokio::test]
async fn a_block_holds_from_now_to_its_last_day_or_until_it_is_lifted() {
    let until = block_after(None, request(Some("2026-01-31"), "  Umzug \n")).await;
    assert_eq!(until.seit, instant());
    assert_eq!(until.dauer, Kontaktsperre::Bis(day("2026-01-31")));
    assert_eq!(until.begruendung, "Umzug");
    let endless = block_after(None, request(None, "Ruhestand")).await;
    assert_eq!(endless.dauer, Kontaktsperre::Unbefristet);
}

#[tokio::test]
async fn a_block_that_holds_goes_on_and_one_that_is_over_does_not() {
    let last_week = instant() - TimeDelta::days(7);
    for (dauer, seit) in [
        (Kontaktsperre::Unbefristet, last_week),
        (Kontaktsperre::Bis(day("2026-01-31")), last_week),
        (Kontaktsperre::Bis(day("2026-01-30")), instant()),
    ] {
        let again = block_after(Some(before(last_week, dauer)), request(None, "neu")).await;
        assert_eq!((again.seit, again.begruendung.as_str()), (seit, "neu"));
        assert_eq!(again.dauer, Kontaktsperre::Unbefristet);
    }
}

#[tokio::test]
async fn lifting_a_block_asks_for_no_reason() {
    let mut tx = MockOutreachTx::new();
    tx.expect_save_sperre()
        .times(1)
        .withf(|id, sperre| *id == 7 && sperre.is_none())
        .returning(|_, _| Ok(()));
    tx.expect_commit().times(1).returning(|| Ok(()));
    let shown = writing(Some(tx)).set_sperre(7, None).await.unwrap();
    assert_eq!(shown.sperre, None);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_begun() {
    let kontakte = writing(None);
    let long = "ä".repeat(1001);
    for (request, message) in [
        (
            request(Some("2026-01-30"), "Umzug"),
            "bis must not lie in the past",
        ),
        (SperreRequest::default(), "begruendung is required"),
        (
            request(None, " \n"),
            "begruendung must have 1 to 1000 characters",
        ),
        (
            request(None, &long),
            "begruendung must have 1 to 1000 characters",
        ),
        (
            request(None, "a\0b"),
            "begruendung must not contain a NUL character",
        ),
    ] {
        let error = kontakte.set_sperre(7, Some(request)).await.unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    for id in [0, -1, i64::MIN] {
        let error = kontakte.set_sperre(id, None).await.unwrap_err();
        assert!(matches!(error, OutreachError::TherapistPathNotFound));
    }
}
