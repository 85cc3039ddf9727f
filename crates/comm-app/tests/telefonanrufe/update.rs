use crate::support::{Office, day, patch, planned, time};
use comm_app::OutreachError;
use comm_domain::outreach::{Empfaenger, TelefonanrufId, TelefonanrufStatus};

const ID: TelefonanrufId = TelefonanrufId(1);

#[tokio::test]
async fn a_call_may_move_over_its_own_slot() {
    let office = Office::with_call(planned(Empfaenger::Patient(8)));
    let moved = patch(|patch| patch.geplante_zeit = Some(time(10, 5)));
    let shown = office.open().update(ID, moved).await.unwrap();
    assert_eq!(shown.anruf.termin.zeit(), time(10, 5));
}

#[tokio::test]
async fn a_call_does_not_move_onto_another() {
    let mut office = Office::with_call(planned(Empfaenger::Therapeut(7)));
    let other = crate::support::slot(day(2, 2).and_time(time(11, 0)));
    office.belegung.belegt.push(other);
    let moved = patch(|patch| patch.geplante_zeit = Some(time(11, 0)));
    let error = office.open().update(ID, moved).await.unwrap_err();
    let OutreachError::SlotTaken {
        naechster_freier_termin,
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(naechster_freier_termin.unwrap().zeit(), time(11, 5));
}

#[tokio::test]
async fn a_call_that_is_planned_again_needs_its_slot_again() {
    let cancelled = planned(Empfaenger::Therapeut(7));
    let termin = cancelled.termin;
    let cancel = patch(|patch| patch.status = Some(TelefonanrufStatus::Abgebrochen));
    let cancelled = cancelled
        .apply(cancel, crate::retries::now())
        .unwrap()
        .into_after();
    let again = || patch(|patch| patch.status = Some(TelefonanrufStatus::Geplant));
    let office = Office::with_call(cancelled.clone());
    let shown = office.open().update(ID, again()).await.unwrap();
    assert_eq!(shown.anruf.status, TelefonanrufStatus::Geplant);
    let mut office = Office::with_call(cancelled);
    office.belegung.belegt.push(termin);
    let error = office.open().update(ID, again()).await.unwrap_err();
    assert!(matches!(error, OutreachError::SlotTaken { .. }), "{error}");
}

#[tokio::test]
async fn an_unknown_call_is_not_found() {
    let error = Office::default().open().update(ID, patch(|_| {})).await;
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "Phone call not found");
}
