//! `GET /api/therapists/{id}/slots` (contract, 'Slot finding').

use super::support::{Woche, slot};
use crate::setup::assert_problem;
use comm_tests::World;
use serde_json::{Value, json};

impl Woche {
    async fn slots(&self, query: &str) -> Value {
        let path = format!("/api/therapists/7/slots?{query}");
        self.client.get(&path).await.expect(200).body
    }
}

fn times(list: &Value) -> Vec<(&str, &str)> {
    list["data"].as_array().unwrap().iter().map(slot).collect()
}

fn gruende(list: &Value) -> Vec<(&str, &str)> {
    let days = list["gruende"].as_array().unwrap().iter();
    days.map(|day| {
        (
            day["datum"].as_str().unwrap(),
            day["grund"].as_str().unwrap(),
        )
    })
    .collect()
}

#[tokio::test]
async fn slots_lie_on_the_grid_wholly_inside_one_window_and_overlap_no_call() {
    let woche = Woche::start().await;
    woche
        .keep_hours(
            7,
            json!({"tuesday": ["09:03-09:31", "10:00-10:10"], "thursday": ["16:00-16:10"]}),
        )
        .await;
    let booked =
        json!({"therapist_id": 7, "geplantes_datum": woche.day(1), "geplante_zeit": "09:15"});
    woche.create(booked).await;
    let list = woche
        .slots(&format!("von={}&bis={}", woche.day(1), woche.day(3)))
        .await;
    let tuesday = ["09:05", "09:10", "09:20", "09:25", "10:00", "10:05"];
    let tuesday = tuesday.map(|time| (woche.day(1), time));
    let thursday = ["16:00", "16:05"].map(|time| (woche.day(3), time));
    assert_eq!(times(&list), [&tuesday[..], &thursday].concat());
    assert_eq!(gruende(&list), [(woche.day(2), "ausserhalb_der_zeiten")]);
    assert_eq!(list["data"][0]["dauer_minuten"], 5);
    assert_eq!(list["erreichbarkeit"]["quelle"], "von_hand");
    let longer = woche
        .slots(&format!(
            "von={}&bis={}&dauer_minuten=10",
            woche.day(1),
            woche.day(3)
        ))
        .await;
    let expected = [(1, "09:05"), (1, "09:20"), (1, "10:00"), (3, "16:00")];
    assert_eq!(
        times(&longer),
        expected.map(|(day, time)| (woche.day(day), time))
    );
}

#[tokio::test]
async fn without_a_range_the_slots_of_the_horizon_are_listed_after_the_lead_time() {
    let woche = Woche::at("10:31", World::without_kafka().await).await;
    let list = woche.slots("limit=1000").await;
    let times = times(&list);
    assert_eq!(times[0], (woche.today(), "11:35"));
    let (last, _) = times[times.len() - 1];
    assert_eq!(last, woche.day(11), "the last working day of fourteen");
    assert_eq!(list["total"], times.len());
    assert_eq!(list["erreichbarkeit"]["quelle"], "buerozeiten");
    // Five minutes from 11:35 and from 14:00 on today, five hours on nine other days.
    assert_eq!(times.len(), 5 + 24 + 9 * 60);
    let days = gruende(&list);
    let weekend = [5, 6, 12, 13].map(|day| (woche.day(day), "ausserhalb_der_zeiten"));
    assert_eq!(days, weekend);
}

#[tokio::test]
async fn they_have_pages_like_every_list() {
    let woche = Woche::start().await;
    woche
        .keep_hours(7, json!({"tuesday": ["09:00-09:25"]}))
        .await;
    let range = format!("von={}&bis={}", woche.day(1), woche.day(1));
    let first = woche.slots(&format!("{range}&limit=2")).await;
    assert_eq!(
        (&first["page"], &first["limit"], &first["total"]),
        (&json!(1), &json!(2), &json!(5))
    );
    let mut seen = times(&first).len();
    let mut cursor = first["next_cursor"].clone();
    while let Some(next) = cursor.as_str() {
        let page = woche.slots(&format!("{range}&limit=2&cursor={next}")).await;
        assert!(page.get("total").is_none());
        seen += times(&page).len();
        cursor = page["next_cursor"].clone();
    }
    assert_eq!(seen, 5);
    woche
        .keep_hours(7, json!({"tu": ["00:00-24:00"], "fr": ["00:00-24:00"]}))
        .await;
    let year = format!("von={}&bis={}&limit=1", woche.day(0), woche.day(249));
    let capped = woche.slots(&year).await;
    assert_eq!(
        (&capped["total"], &capped["total_is_capped"]),
        (&json!(10_000), &json!(true))
    );
    let exact = woche.slots(&format!("{year}&total=exact")).await;
    assert!(exact["total"].as_i64().unwrap() > 10_000 && exact.get("total_is_capped").is_none());
}

#[tokio::test]
async fn the_hour_that_the_clocks_skip_is_not_offered_and_the_doubled_one_once() {
    let woche = Woche::start().await;
    woche
        .keep_hours(7, json!({"sunday": ["01:45-03:15"]}))
        .await;
    let skipped = woche.night_of_the_skipped_hour().await;
    let spring = woche
        .slots(&format!("von={skipped}&bis={skipped}&dauer_minuten=10"))
        .await;
    let expected = ["01:45", "01:50", "03:00", "03:05"].map(|time| (skipped.as_str(), time));
    assert_eq!(times(&spring), expected);
    let end_of_october = "date_trunc('year', MONDAY) + interval '10 months -1 day'";
    let to_sunday = format!("extract(dow FROM {end_of_october})::int * interval '1 day'");
    let doubled = woche.date(&format!("{end_of_october} - {to_sunday}")).await;
    let autumn = woche
        .slots(&format!("von={doubled}&bis={doubled}&limit=1000"))
        .await;
    let mut seen = times(&autumn);
    assert_eq!(seen.len(), 18, "an hour and a half");
    seen.dedup();
    assert_eq!(seen.len(), 18);
}

#[tokio::test]
async fn days_without_a_slot_say_why() {
    let woche = Woche::start().await;
    let unity = woche
        .date("date_trunc('year', MONDAY) + interval '9 months 2 days'")
        .await;
    let everyday = json!({
        "mo": ["09:00-09:05"], "di": ["09:00-09:05"], "mi": ["09:00-09:05"], "do": ["09:00-09:05"],
        "fr": ["09:00-09:05"], "sa": ["09:00-09:05"], "so": ["09:00-09:05"],
    });
    woche.keep_hours(7, everyday).await;
    let holiday = woche.slots(&format!("von={unity}&bis={unity}")).await;
    assert_eq!(
        (times(&holiday).len(), gruende(&holiday)),
        (0, vec![(unity.as_str(), "feiertag")])
    );
    let booked = json!({"therapist_id": 7, "geplantes_datum": woche.day(1)});
    let call = woche.create(booked).await;
    let day = format!("von={}&bis={}", woche.day(1), woche.day(1));
    assert_eq!(
        gruende(&woche.slots(&day).await),
        [(woche.day(1), "belegt")]
    );
    let refused = json!({"status": "abgeschlossen", "ergebnis_art": "abgelehnt"});
    woche.put(&call, refused).await.expect(200);
    assert_eq!(
        gruende(&woche.slots(&day).await),
        [(woche.day(1), "sperrfrist")]
    );
    let past = woche.date("MONDAY - 1").await;
    let past_day = woche.slots(&format!("von={past}&bis={past}")).await;
    assert_eq!(times(&past_day).len(), 0);
}

#[tokio::test]
async fn a_search_that_cannot_be_made_as_asked_is_named() {
    let woche = Woche::start().await;
    let far = woche.date("MONDAY + 366").await;
    let year = woche.date("MONDAY + 365").await;
    let (today, tomorrow) = (woche.today(), woche.tomorrow());
    let cases = [
        (format!("von={tomorrow}&bis={today}"), "von and bis"),
        (format!("von={today}&bis={far}"), "von and bis"),
        (format!("bis={}", "2020-01-01"), "von and bis"),
        ("von=morgen".to_owned(), "von must be a date"),
        ("bis=2026-13-01".to_owned(), "bis must be a date"),
        ("dauer_minuten=0".to_owned(), "dauer_minuten"),
        ("dauer_minuten=3".to_owned(), "dauer_minuten"),
        ("dauer_minuten=10000".to_owned(), "dauer_minuten"),
        (
            "dauer_minuten=lang".to_owned(),
            "dauer_minuten must be an integer",
        ),
        ("page=x".to_owned(), "page"),
    ];
    for (query, words) in cases {
        let answer = woche
            .client
            .get(&format!("/api/therapists/7/slots?{query}"))
            .await;
        assert_problem(&answer, 400, words);
    }
    woche
        .slots(&format!("von={today}&bis={year}&limit=1"))
        .await;
    for id in ["0", "-1", "x", "9223372036854775808", "%00"] {
        let answer = woche
            .client
            .get(&format!("/api/therapists/{id}/slots"))
            .await;
        assert_problem(&answer, 404, "Therapist not found");
    }
}
