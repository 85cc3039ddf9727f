use crate::support::{Office, day, patch, planned, time, today};
use comm_app::outreach::telefonanrufe::{Nachgeholt, NaechsterAnruf, ShownTelefonanruf};
use comm_domain::outreach::telefonanruf::Moment;
use comm_domain::outreach::telefonanruf::TelefonanrufPatch;
use comm_domain::outreach::{
    Empfaenger, ErgebnisArt, Grund, Patch, Telefonanruf, TelefonanrufId, TelefonanrufStatus,
};
use comm_ports::DirectoryError;
use comm_ports::outreach::Ablage;
use comm_ports::testing::MockTherapistDirectory;
use comm_ports::testing::build::instant;

const ID: TelefonanrufId = TelefonanrufId(1);
const NEXT: TelefonanrufId = TelefonanrufId(100);

pub(crate) fn now() -> Moment {
    let wall = today().and_time(time(10, 15));
    Moment {
        at: instant(),
        wall,
    }
}

fn failed() -> TelefonanrufPatch {
    patch(|patch| patch.status = Some(TelefonanrufStatus::Fehlgeschlagen))
}

async fn update(office: Office, patch: TelefonanrufPatch) -> ShownTelefonanruf {
    office.open().update(ID, patch).await.unwrap()
}

#[tokio::test]
async fn a_call_that_failed_is_tried_again_on_the_next_day_in_the_hours() {
    let office = Office::with_call(planned(Empfaenger::Therapeut(7)));
    let stored = office.stored();
    let shown = update(office, failed()).await;
    assert_eq!(shown.naechster, Some(NaechsterAnruf::Geplant(NEXT)));
    let stored = stored.lock().unwrap();
    let (next, _) = &stored[1];
    assert_eq!(next.termin.beginn(), day(3, 2).and_time(time(9, 0)));
    assert_eq!((next.versuch, next.vorgaenger_id), (2, Some(ID)));
    // The call that failed is stored first: it gives its slot up.
    assert_eq!(stored[0].0.status, TelefonanrufStatus::Fehlgeschlagen);
}

#[tokio::test]
async fn nobody_reached_is_the_same_and_somebody_reached_is_not() {
    for (art, again) in [
        (ErgebnisArt::NichtErreicht, true),
        (ErgebnisArt::Angenommen, false),
        (ErgebnisArt::Abgelehnt, false),
    ] {
        let held = patch(|patch| {
            patch.status = Some(TelefonanrufStatus::Abgeschlossen);
            patch.ergebnis_art = Patch::Set(art);
        });
        let office = Office::with_call(planned(Empfaenger::Therapeut(7)));
        let shown = update(office, held).await;
        assert_eq!(shown.naechster.is_some(), again, "{art}");
    }
}

#[tokio::test]
async fn a_callback_is_booked_at_its_time_or_at_the_next_one() {
    let agreed = || {
        patch(|patch| {
            patch.status = Some(TelefonanrufStatus::Abgeschlossen);
            patch.ergebnis_art = Patch::Set(ErgebnisArt::RueckrufVereinbart);
            patch.wiederholen_nach = Patch::Set(day(5, 2));
            patch.wiederholen_zeit = Patch::Set(time(13, 10));
        })
    };
    let call = || planned(Empfaenger::Therapeut(7));
    let office = Office::with_call(call());
    let stored = office.stored();
    update(office, agreed()).await;
    let next = stored.lock().unwrap()[1].0.clone();
    // Outside of the hours, since it was agreed.
    assert_eq!(next.termin.beginn(), day(5, 2).and_time(time(13, 10)));
    assert_eq!(next.versuch, 1);
    let mut office = Office::with_call(call());
    let taken = crate::support::slot(day(5, 2).and_time(time(13, 10)));
    office.belegung.belegt.push(taken);
    let stored = office.stored();
    update(office, agreed()).await;
    let next = stored.lock().unwrap()[1].0.clone();
    assert_eq!(next.termin.beginn(), day(5, 2).and_time(time(14, 0)));
}

#[tokio::test]
async fn a_patient_is_tried_again_at_ten_or_in_the_next_slot() {
    let call = planned(Empfaenger::Patient(8));
    let mut office = Office::with_call(call);
    let ten = comm_domain::outreach::Dauer::PATIENT;
    let ten = comm_domain::outreach::Termin::new(day(3, 2), time(10, 0), ten).unwrap();
    office.belegung.belegt.push(ten);
    let stored = office.stored();
    update(office, failed()).await;
    let next = stored.lock().unwrap()[1].0.clone();
    assert_eq!(next.termin.beginn(), day(3, 2).and_time(time(10, 10)));
}

fn third_attempt() -> Telefonanruf {
    let mut record = (*planned(Empfaenger::Therapeut(7))).clone();
    record.versuch = 3;
    Telefonanruf::restore(record)
}

#[tokio::test]
async fn after_three_attempts_there_is_no_further_one() {
    let office = Office::with_call(third_attempt());
    let stored = office.stored();
    let shown = update(office, failed()).await;
    let reason = NaechsterAnruf::NichtGeplant(Grund::VersucheErschoepft);
    assert_eq!(shown.naechster, Some(reason));
    let stored = stored.lock().unwrap();
    assert_eq!((stored.len(), stored[0].1.wiederholung_offen), (1, false));
}

#[tokio::test]
async fn a_retry_without_a_slot_stays_open_and_is_made_up_for() {
    let mut office = Office::with_call(planned(Empfaenger::Therapeut(7)));
    let mut away = MockTherapistDirectory::new();
    away.expect_therapist()
        .returning(|_| Err(DirectoryError::Unavailable("it hangs".into())));
    office.directory = Some(away);
    let stored = office.stored();
    let shown = update(office, failed()).await;
    let reason = NaechsterAnruf::NichtGeplant(Grund::VerzeichnisNichtErreichbar);
    assert_eq!(shown.naechster, Some(reason));
    let (call, ablage) = stored.lock().unwrap()[0].clone();
    assert!(ablage.wiederholung_offen);

    let office = Office {
        anruf: Some((call, ablage)),
        ..Office::default()
    };
    let stored = office.stored();
    let done = office.open().catch_up().await.unwrap();
    assert_eq!(
        done,
        Nachgeholt {
            geplant: 1,
            offen: 0
        }
    );
    let stored = stored.lock().unwrap();
    assert_eq!(stored[0].1, Ablage::default());
    assert_eq!(stored[1].0.vorgaenger_id, Some(ID));
}
