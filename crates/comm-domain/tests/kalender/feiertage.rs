//! Public holidays.

use super::tabelle::TABLE;
use super::{calendar, date};
use chrono::{Datelike, NaiveDate, Weekday};
use comm_domain::outreach::{Bundesland, Feiertag, Gemeinde, Grund};

#[test]
fn all_16_states_keep_the_holidays_of_their_laws() {
    assert_eq!(Bundesland::ALL.len(), 16);
    for (year, days) in TABLE {
        for land in Bundesland::ALL {
            let kept =
                |states: &str| states == "*" || states.split(' ').any(|s| s == land.as_str());
            let days = days.iter().filter(|(_, states)| kept(states));
            let expected: Vec<NaiveDate> = days
                .map(|(day, _)| date(&format!("{year}-{day}")))
                .collect();
            let computed = calendar(*land).feiertage(*year).into_iter();
            let computed: Vec<NaiveDate> = computed.map(|(date, _)| date).collect();
            assert_eq!(computed, expected, "{land} {year}");
        }
    }
}

#[test]
fn catholic_municipalities_have_a_feast_more_in_three_states() {
    for land in Bundesland::ALL {
        for (gemeinde, feast, day) in [
            (Gemeinde::Katholisch, Feiertag::Fronleichnam, "2026-06-04"),
            (
                Gemeinde::Katholisch,
                Feiertag::MariaeHimmelfahrt,
                "2026-08-15",
            ),
            (
                Gemeinde::Augsburg,
                Feiertag::MariaeHimmelfahrt,
                "2026-08-15",
            ),
            (Gemeinde::Augsburg, Feiertag::Friedensfest, "2026-08-08"),
        ] {
            let everywhere = calendar(*land).feiertag(date(day));
            let there = calendar(*land).gemeinde(gemeinde).feiertag(date(day));
            let more = match land {
                Bundesland::Bayern => feast != Feiertag::Fronleichnam,
                Bundesland::Sachsen | Bundesland::Thueringen => feast == Feiertag::Fronleichnam,
                _ => false,
            };
            let expected = if more { Some(feast) } else { everywhere };
            assert_eq!(there, expected, "{land} {gemeinde} {day}");
            assert!(!more || everywhere.is_none(), "{land} {day}");
        }
    }
    let munich = calendar(Bundesland::Bayern).gemeinde(Gemeinde::Katholisch);
    assert_eq!(munich.feiertag(date("2026-08-08")), None);
}

#[test]
fn feasts_have_their_names() {
    let berlin = calendar(Bundesland::Berlin).feiertage(2026);
    let names: Vec<&str> = berlin.iter().map(|(_, feiertag)| feiertag.name()).collect();
    let expected = [
        "Neujahr",
        "Internationaler Frauentag",
        "Karfreitag",
        "Ostermontag",
        "Tag der Arbeit",
        "Christi Himmelfahrt",
        "Pfingstmontag",
        "Tag der Deutschen Einheit",
        "Erster Weihnachtstag",
        "Zweiter Weihnachtstag",
    ];
    assert_eq!(names, expected);
    let on = |land, day| calendar(land).feiertag(date(day)).unwrap().name();
    for (land, day, name) in [
        (Bundesland::Bayern, "2026-01-06", "Heilige Drei Könige"),
        (Bundesland::Brandenburg, "2026-04-05", "Ostersonntag"),
        (Bundesland::Brandenburg, "2026-05-24", "Pfingstsonntag"),
        (Bundesland::Berlin, "2025-05-08", "Tag der Befreiung"),
        (
            Bundesland::Berlin,
            "2028-06-17",
            "Jahrestag des Volksaufstandes",
        ),
        (Bundesland::Hessen, "2026-06-04", "Fronleichnam"),
        (Bundesland::Saarland, "2026-08-15", "Mariä Himmelfahrt"),
        (Bundesland::Thueringen, "2026-09-20", "Weltkindertag"),
        (Bundesland::Bremen, "2026-10-31", "Reformationstag"),
        (Bundesland::Bayern, "2026-11-01", "Allerheiligen"),
        (Bundesland::Sachsen, "2026-11-18", "Buß- und Bettag"),
    ] {
        assert_eq!(on(land, day), name);
    }
    let augsburg = calendar(Bundesland::Bayern).gemeinde(Gemeinde::Augsburg);
    let friedensfest = augsburg.feiertag(date("2026-08-08")).unwrap();
    assert_eq!(friedensfest.name(), "Augsburger Friedensfest");
}

/// The years between those of the table in which a law came into force.
#[test]
fn a_feast_begins_in_the_year_of_its_law() {
    let kept = |land: Bundesland, year: i32, day: &str| {
        let feiertag = calendar(land).feiertag(date(&format!("{year}-{day}")));
        feiertag.is_some()
    };
    for year in 2009..=2030 {
        for (land, day, since) in [
            (Bundesland::Berlin, "03-08", 2019),
            (Bundesland::MecklenburgVorpommern, "03-08", 2023),
            (Bundesland::Thueringen, "09-20", 2019),
            (Bundesland::Bremen, "10-31", 2017),
            (Bundesland::Hamburg, "10-31", 2017),
            (Bundesland::Niedersachsen, "10-31", 2017),
            (Bundesland::SchleswigHolstein, "10-31", 2017),
        ] {
            assert_eq!(kept(land, year, day), year >= since, "{land} {year}-{day}");
        }
        assert_eq!(kept(Bundesland::Berlin, year, "10-31"), year == 2017);
        assert!(kept(Bundesland::Sachsen, year, "10-31"));
    }
}

#[test]
fn of_two_feasts_on_one_day_the_fixed_one_is_named() {
    let both = calendar(Bundesland::Berlin).feiertag(date("2008-05-01"));
    assert_eq!(both, Some(Feiertag::TagDerArbeit));
}

/// Easter Sundays as the churches publish them, with the earliest and the latest possible ones.
#[test]
fn easter_falls_where_the_churches_have_it() {
    let land = calendar(Bundesland::Brandenburg);
    for day in [
        "1583-04-10",
        "1818-03-22",
        "1943-04-25",
        "1954-04-18",
        "1981-04-19",
        "2000-04-23",
        "2008-03-23",
        "2024-03-31",
        "2038-04-25",
        "2049-04-18",
        "2076-04-19",
        "2285-03-22",
    ] {
        assert_eq!(
            land.feiertag(date(day)),
            Some(Feiertag::Ostersonntag),
            "{day}"
        );
    }
}

#[test]
fn every_year_has_one_easter_on_a_sunday_in_its_five_weeks() {
    let land = calendar(Bundesland::Brandenburg);
    for year in (-3_000..=10_100).step_by(7) {
        let start = NaiveDate::from_ymd_opt(year, 3, 1).unwrap();
        let spring = start.iter_days().take(92);
        let easter = spring.filter(|date| land.feiertag(*date) == Some(Feiertag::Ostersonntag));
        let easter: Vec<NaiveDate> = easter.collect();
        assert_eq!(easter.len(), 1, "{year}");
        assert_eq!(easter[0].weekday(), Weekday::Sun, "{year}");
        let (month, day) = (easter[0].month(), easter[0].day());
        assert!((3, 22) <= (month, day) && (month, day) <= (4, 25), "{year}");
    }
}

#[test]
fn closing_days_are_closed_and_a_holiday_goes_before() {
    let days = [date("2026-12-24"), date("2026-12-25")];
    let calendar = calendar(Bundesland::Berlin).closing_days(days);
    assert_eq!(
        calendar.closed(date("2026-12-24")),
        Some(Grund::Geschlossen)
    );
    assert_eq!(calendar.closed(date("2026-12-25")), Some(Grund::Feiertag));
    assert_eq!(calendar.closed(date("2026-12-23")), None);
    assert!(calendar.is_closing_day(date("2026-12-25")));
    let more = calendar.closing_days([date("2026-12-31")]);
    assert_eq!(more.closed(date("2026-12-24")), Some(Grund::Geschlossen));
    assert_eq!(more.closed(date("2026-12-31")), Some(Grund::Geschlossen));
}

#[test]
fn states_are_read_by_their_codes() {
    assert_eq!(Bundesland::parse("BE"), Ok(Bundesland::Berlin));
    assert!(Bundesland::parse("Berlin").is_err());
    assert_eq!(Gemeinde::parse("augsburg"), Ok(Gemeinde::Augsburg));
}
