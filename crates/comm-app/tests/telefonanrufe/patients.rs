use crate::support::{Office, day, time, today};
use comm_app::outreach::telefonanrufe::CreateTelefonanruf;
use comm_domain::outreach::Telefonanruf;
use comm_domain::outreach::{Dauer, Termin};
use comm_ports::outreach::Belegung;

fn request() -> CreateTelefonanruf {
    CreateTelefonanruf {
        patient_id: Some(8),
        ..CreateTelefonanruf::default()
    }
}

async fn booked(office: Office, request: CreateTelefonanruf) -> Telefonanruf {
    office.open().create(request).await.unwrap().anruf
}

#[tokio::test]
async fn a_patient_is_called_tomorrow_at_ten_for_ten_minutes() {
    let call = booked(Office::default(), request()).await;
    assert_eq!(call.termin.beginn(), day(1, 2).and_time(time(10, 0)));
    assert_eq!(call.termin.dauer(), Dauer::PATIENT);
}

#[tokio::test]
async fn when_ten_is_taken_or_over_it_is_the_next_slot() {
    let ten = Termin::new(day(1, 2), time(10, 0), Dauer::PATIENT).unwrap();
    let office = Office {
        belegung: Belegung {
            belegt: vec![ten],
            ..Belegung::default()
        },
        ..Office::default()
    };
    let call = booked(office, request()).await;
    assert_eq!(call.termin.beginn(), day(1, 2).and_time(time(10, 10)));
    let now = CreateTelefonanruf {
        geplantes_datum: Some(today()),
        ..request()
    };
    // It is 10:15 and a fraction of a second.
    let call = booked(Office::default(), now).await;
    assert_eq!(call.termin.beginn(), today().and_time(time(10, 20)));
}

#[tokio::test]
async fn a_day_that_is_over_is_refused() {
    let past = CreateTelefonanruf {
        geplantes_datum: Some(day(30, 1)),
        ..request()
    };
    let error = Office::default().open().create(past).await.unwrap_err();
    let sentence = "geplantes_datum must not lie in the past";
    assert_eq!(error.to_string(), sentence);
}
