//! Finds slots for a therapist whose hours a person typed, mistakes and all.
//!
//! `cargo run -p comm-domain --example find_slot`
#![expect(clippy::print_stdout, reason = "it is what an example does")]

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Europe;
use comm_domain::outreach::{
    Angabe, Bundesland, Dauer, Erreichbarkeit, Grund, Kalender, Termin, TerminError, Terminsuche,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (hours, mistakes) = Erreichbarkeit::parse_lenient(&stated());
    println!("hours: {hours}");
    for mistake in mistakes {
        println!("left out: {mistake}");
    }

    let christmas_eve = date(2026, 12, 24)?;
    let calendar =
        Kalender::germany(Bundesland::Berlin, Europe::Berlin).closing_days([christmas_eve]);
    let now: DateTime<Utc> = "2026-12-22T14:00:00Z".parse()?;
    let nine = NaiveTime::from_hms_opt(9, 0, 0).ok_or("no such time")?;
    let booked = [Termin::new(date(2026, 12, 28)?, nine, Dauer::parse(30)?)?];

    let search = Terminsuche::new(&hours, &calendar).duration(10);
    let slot = search.earliest(now, &booked)?;
    println!("earliest: {} at {}", slot.datum(), slot.zeit());
    for slot in search.next_slots(now, 3, &booked)? {
        println!("one of three: {} at {}", slot.datum(), slot.zeit());
    }

    let cooled = date(2027, 1, 19)?;
    let search = search.cooling_off(cooled, Grund::Sperrfrist);
    if let Err(TerminError::KeinTermin(days)) = search.earliest(now, &booked) {
        for (day, grund) in days {
            println!("not on {day}: {grund}");
        }
    }
    Ok(())
}

/// What the directory says, in two spellings and with a slip of the hand.
fn stated() -> Angabe {
    let day = |name: &str, windows: &[&str]| {
        let windows = windows.iter().map(|window| Angabe::from(*window)).collect();
        (name.to_owned(), Angabe::List(windows))
    };
    Angabe::Object(vec![
        day("Montag", &["9:00-12:00", "14:00-26:30"]),
        day("th", &["09:00 - 11:00"]),
    ])
}

fn date(year: i32, month: u32, day: u32) -> Result<NaiveDate, &'static str> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or("no such date")
}
