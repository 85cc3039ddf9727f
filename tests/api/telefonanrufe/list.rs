//! `GET /api/phone-calls`: filters, pages, cursors and totals.

use super::support::Woche;
use crate::setup::assert_problem;
use serde_json::{Value, json};

fn ids(list: &Value) -> Vec<i64> {
    let rows = list["data"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

impl Woche {
    /// A call that was made on this day at this time, whatever day it is.
    async fn made(&self, day: &str, time: &str) -> Value {
        let body = json!({
            "patient_id": 8, "status": "abgeschlossen", "geplantes_datum": day, "geplante_zeit": time,
        });
        self.create(body).await
    }

    /// The ids of a list, page by page.
    async fn walk(&self, query: &str) -> Vec<i64> {
        let mut list = self.list(query).await;
        let mut seen = ids(&list);
        while let Some(cursor) = list["next_cursor"].as_str() {
            list = self.list(&format!("{query}&cursor={cursor}")).await;
            assert!(list.get("total").is_none(), "no total with a cursor");
            seen.extend(ids(&list));
        }
        seen
    }
}

#[tokio::test]
async fn each_filter_narrows_the_list_and_a_row_is_the_whole_call() {
    let woche = Woche::start().await;
    let bodies = [
        json!({"therapist_id": 11, "geplantes_datum": woche.day(1), "therapeutenanfrage_id": 5}),
        json!({"patient_id": 11, "geplantes_datum": woche.day(2), "bearbeiter": "Jana Muster"}),
        json!({"therapist_id": 12, "geplantes_datum": woche.day(3), "status": "abgeschlossen", "bearbeiter": "Ada"}),
        json!({"therapist_id": 11, "geplantes_datum": woche.day(4), "bearbeiter": "Jana Muster"}),
    ];
    for body in bodies {
        woche.create(body).await;
    }
    let cancelled = woche.by_id(&json!(4)).await;
    woche
        .put(&cancelled, json!({"status": "abgebrochen"}))
        .await
        .expect(200);
    let day = |nth: usize| woche.day(nth).to_owned();
    let cases: [(String, &[i64]); 20] = [
        (String::new(), &[4, 3, 2, 1]),
        ("therapist_id=11".to_owned(), &[4, 1]),
        ("patient_id=11".to_owned(), &[2]),
        ("therapist_id=0&patient_id=".to_owned(), &[4, 3, 2, 1]),
        ("therapist_id=13".to_owned(), &[]),
        ("therapist_id=11.0".to_owned(), &[4, 1]),
        ("therapeutenanfrage_id=5".to_owned(), &[1]),
        ("recipient_type=patient".to_owned(), &[2]),
        ("recipient_type=therapist".to_owned(), &[4, 3, 1]),
        ("status=geplant".to_owned(), &[2, 1]),
        ("status=abgeschlossen".to_owned(), &[3]),
        ("status=abgebrochen".to_owned(), &[4]),
        ("status=fehlgeschlagen".to_owned(), &[]),
        ("bearbeiter=Jana%20Muster".to_owned(), &[4, 2]),
        ("bearbeiter=jana".to_owned(), &[]),
        (format!("geplantes_datum={}", day(2)), &[2]),
        (format!("von={}", day(3)), &[4, 3]),
        (format!("bis={}", day(2)), &[2, 1]),
        (
            format!("von={}&bis={}&recipient_type=therapist", day(2), day(3)),
            &[3],
        ),
        (
            "farbe=rot&sort=id;DROP%20TABLE&x=%ff&&=&%00".to_owned(),
            &[4, 3, 2, 1],
        ),
    ];
    for (query, expected) in cases {
        let list = woche.list(&query).await;
        assert_eq!(ids(&list), expected, "{query}");
        assert_eq!(list["total"], expected.len(), "{query}");
    }
    for row in woche.list("").await["data"].as_array().unwrap() {
        let mut whole = woche.by_id(&row["id"]).await;
        whole.as_object_mut().unwrap().remove("hinweise");
        assert_eq!(row, &whole);
    }
}

#[tokio::test]
async fn a_value_that_a_filter_does_not_know_is_refused_by_name() {
    let woche = Woche::start().await;
    let long = format!("bearbeiter={}", "x".repeat(256));
    let cases = [
        (
            "status=Quatsch",
            "status must be one of 'geplant', 'abgeschlossen', 'fehlgeschlagen', 'abgebrochen'",
        ),
        ("status=Entwurf", "'geplant'"),
        (
            "recipient_type=arzt",
            "recipient_type must be one of 'therapist', 'patient'",
        ),
        ("therapist_id=x", "therapist_id"),
        ("therapist_id=-1", "therapist_id"),
        ("patient_id=99999999999999999999", "patient_id"),
        ("therapeutenanfrage_id=1.5", "therapeutenanfrage_id"),
        (
            "geplantes_datum=31.01.2026",
            "geplantes_datum must be a date like 2026-01-31",
        ),
        ("von=2026-1-31", "von must be a date"),
        ("bis=2026-02-30", "bis must be a date"),
        ("bis=2026-01-31T00:00:00Z", "bis must be a date"),
        ("von=%00", "von must be a date"),
        ("bearbeiter=a%00b", "bearbeiter"),
        ("bearbeiter=%20", "bearbeiter"),
        (&long, "bearbeiter"),
        ("page=x", "page must be an integer"),
        ("limit=viele", "limit must be an integer"),
        ("cursor=quatsch", "cursor"),
        ("cursor=1-2-3", "cursor"),
        ("cursor=-99999999999999999-1", "cursor"),
        ("total=alle", "total must be 'exact'"),
    ];
    for (query, words) in cases {
        let answer = woche.client.get(&format!("/api/phone-calls?{query}")).await;
        assert_problem(&answer, 400, words);
    }
}

#[tokio::test]
async fn pages_are_brought_into_their_bounds_and_an_empty_list_has_the_envelope() {
    let woche = Woche::start().await;
    let envelope = json!({"data": [], "page": 1, "limit": 20, "total": 0, "next_cursor": null});
    assert_eq!(woche.list("").await, envelope);
    for _ in 0..3 {
        woche.create(json!({"therapist_id": 7})).await;
    }
    let cases = [
        ("page=0&limit=0", 1, 1, 1),
        ("page=-5&limit=-5", 1, 1, 1),
        ("limit=5000", 1, 1000, 3),
        ("page=2&limit=2", 2, 2, 1),
        ("page=9223372036854775807&limit=1000", i64::MAX, 1000, 0),
    ];
    for (query, page, limit, rows) in cases {
        let list = woche.list(query).await;
        assert_eq!(
            (&list["page"], &list["limit"]),
            (&json!(page), &json!(limit)),
            "{query}"
        );
        assert_eq!(list["data"].as_array().unwrap().len(), rows, "{query}");
        assert_eq!(list["total"], 3);
    }
}

#[tokio::test]
async fn the_latest_slot_comes_first_and_cursors_show_every_call_once_also_before_1970() {
    let woche = Woche::start().await;
    let slots = [
        ("2026-01-31", "09:00"),
        ("2026-01-31", "09:05"),
        ("1969-07-20", "21:17"),
        ("2026-01-31", "09:00"),
        ("2026-02-01", "00:00"),
        ("0001-01-01", "00:00"),
        ("9999-12-31", "23:59"),
        ("2026-01-31", "09:00"),
    ];
    for (day, time) in slots {
        woche.made(day, time).await;
    }
    let latest_first = [7, 5, 2, 8, 4, 1, 3, 6];
    for limit in [1, 2, 3, 8, 20] {
        let mut by_page = Vec::new();
        for page in 1..=9 {
            by_page.extend(ids(&woche
                .list(&format!("limit={limit}&page={page}"))
                .await));
        }
        assert_eq!(by_page, latest_first, "by pages of {limit}");
        let by_cursor = woche.walk(&format!("limit={limit}")).await;
        assert_eq!(by_cursor, latest_first, "by cursor, {limit}");
    }
    let filtered = woche
        .walk("limit=2&geplantes_datum=2026-01-31&patient_id=8")
        .await;
    assert_eq!(filtered, [2, 8, 4, 1]);
}

#[tokio::test]
async fn a_total_above_ten_thousand_is_capped_unless_all_are_to_be_counted() {
    let woche = Woche::start().await;
    woche.made("2026-01-31", "09:00").await;
    let copies = "INSERT INTO communication_service.telefonanrufe (therapist_id, geplantes_datum, geplante_zeit, \
         dauer_minuten, status, tatsaechliches_datum, tatsaechliche_zeit, versuch, created_at, updated_at, sequence) \
         SELECT 9, geplantes_datum, geplante_zeit, dauer_minuten, status, tatsaechliches_datum, tatsaechliche_zeit, \
         versuch, created_at, updated_at, sequence \
         FROM communication_service.telefonanrufe, generate_series(1, 10000)";
    woche.world.execute(copies).await;
    let exact = woche.list("limit=1&therapist_id=9").await;
    assert_eq!(
        (&exact["total"], exact.get("total_is_capped")),
        (&json!(10_000), None)
    );
    let capped = woche.list("limit=1").await;
    assert_eq!(
        (&capped["total"], &capped["total_is_capped"]),
        (&json!(10_000), &json!(true))
    );
    let all = woche.list("limit=1&total=exact").await;
    assert_eq!(
        (&all["total"], all.get("total_is_capped")),
        (&json!(10_001), None)
    );
}
