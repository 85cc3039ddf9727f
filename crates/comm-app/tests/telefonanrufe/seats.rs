use crate::common;
use crate::support::{Office, day, request, slot, time};
use comm_app::OutreachError;
use comm_app::outreach::telefonanrufe::CreateTelefonanruf;
use comm_ports::outreach::BelegterPlatz;
use std::num::NonZeroU16;

/// An office with two seats, of which these are taken on Monday.
fn office(held: &[(i16, u32)]) -> Office {
    let mut settings = common::anrufe();
    settings.seats = NonZeroU16::new(2);
    let held = held.iter().map(|(platz, minute)| BelegterPlatz {
        platz: Some(*platz),
        termin: slot(day(2, 2).and_time(time(9, *minute))),
    });
    Office {
        plaetze: held.collect(),
        settings: Some(settings),
        ..Office::default()
    }
}

#[tokio::test]
async fn a_call_gets_the_first_seat_that_is_free() {
    let office = office(&[(1, 0)]);
    let stored = office.stored();
    let call = office.open().create(request()).await.unwrap().anruf;
    assert_eq!(call.termin.zeit(), time(9, 0));
    assert_eq!(stored.lock().unwrap()[0].1.platz, Some(2));
}

#[tokio::test]
async fn a_slot_without_a_seat_is_not_offered_and_not_booked() {
    let full = [(1, 0), (2, 0), (1, 5)];
    let call = office(&full).open().create(request()).await.unwrap().anruf;
    assert_eq!(call.termin.zeit(), time(9, 5));
    let wanted = CreateTelefonanruf {
        geplantes_datum: Some(day(2, 2)),
        geplante_zeit: Some(time(9, 0)),
        ..request()
    };
    let error = office(&full).open().create(wanted).await.unwrap_err();
    let OutreachError::NoSeat {
        naechster_freier_termin,
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(naechster_freier_termin.unwrap().zeit(), time(9, 5));
}
