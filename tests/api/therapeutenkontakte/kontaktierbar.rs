//! `GET /api/therapists/kontaktierbar`.

use super::support::{available, therapists, unavailable};
use crate::follow_ups::support::Stille;
use crate::setup::assert_problem;
use crate::telefonanrufe::support::Woche;
use serde_json::{Value, json};

impl Woche {
    async fn free_on(&self, query: &str) -> Value {
        let path = format!("/api/therapists/kontaktierbar?{query}");
        self.client.get(&path).await.expect(200).body
    }
}

#[tokio::test]
async fn whoever_may_have_a_place_comes_first_and_then_the_longest_waiting() {
    let stille = Stille::start().await;
    for (therapist, days) in [(1, 20), (2, 40), (3, 30), (4, 10)] {
        stille.sent(days, json!({"therapist_id": therapist})).await;
    }
    stille.copy(3, available("Dr. Ada Beispiel")).await;
    stille.copy(4, available("Dr. Eva Beispiel")).await;
    stille.copy(5, unavailable("Dr. Uwe Beispiel")).await;
    let list = stille.free_on("").await;
    assert_eq!(therapists(&list), [3, 4, 5, 2, 1]);
    assert_eq!(
        (&list["page"], &list["limit"], &list["total"]),
        (&json!(1), &json!(20), &json!(5))
    );
    assert_eq!(list["next_cursor"], Value::Null);
    let contact = list["data"][0]["letzter_kontakt"].clone();
    let expected = json!({
        "therapist_id": 3, "name": "Dr. Ada Beispiel", "potenziell_verfuegbar": true,
        "potenziell_verfuegbar_notizen": "ab Mai", "letzter_kontakt": contact,
    });
    assert_eq!(list["data"][0], expected);
    let mailed = stille.date("MONDAY - 30").await;
    assert!(contact.as_str().unwrap().starts_with(&mailed));
    assert_eq!(list["data"][2]["letzter_kontakt"], Value::Null);
    let expected = json!({
        "therapist_id": 2, "name": null, "potenziell_verfuegbar": false, "potenziell_verfuegbar_notizen": null,
        "letzter_kontakt": list["data"][3]["letzter_kontakt"],
    });
    assert_eq!(list["data"][3], expected);
    let talk = json!({"therapist_id": 3, "status": "abgeschlossen", "ergebnis_art": "sonstiges"});
    stille.create(talk).await;
    let missed =
        json!({"therapist_id": 2, "status": "abgeschlossen", "ergebnis_art": "nicht_erreicht"});
    stille.create(missed).await;
    assert_eq!(therapists(&stille.free_on("").await), [4, 3, 5, 2, 1]);
}

#[tokio::test]
async fn who_is_bound_by_a_rule_appears_on_the_day_on_which_it_ends() {
    let stille = Stille::start().await;
    stille.sent(2, json!({"therapist_id": 1})).await;
    stille.refused(2).await;
    let sperre = json!({"bis": stille.day(3), "begruendung": "Urlaub"});
    stille.block(3, sperre).await;
    stille.block(4, json!({"begruendung": "Ruhestand"})).await;
    for (query, expected) in [
        (String::new(), vec![]),
        ("weg=anruf".to_owned(), vec![1]),
        ("weg=mail".to_owned(), vec![]),
        (format!("am={}", stille.day(3)), vec![]),
        (format!("am={}", stille.day(4)), vec![3]),
        (format!("am={}&weg=mail", stille.day(5)), vec![3, 1]),
        (format!("am={}", stille.day(27)), vec![3, 1]),
        (format!("am={}", stille.day(28)), vec![3, 1, 2]),
        ("am=9999-12-31".to_owned(), vec![3, 1, 2]),
    ] {
        assert_eq!(
            therapists(&stille.free_on(&query).await),
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_planned_call_matters_to_nobody_and_a_rule_that_warns_keeps_nobody_back() {
    let warn = [("COMM__CONTACT_RULES__SERVICE__SPERRE", "warn")];
    let stille = Stille::with(&warn).await;
    stille.create(json!({"therapist_id": 7})).await;
    stille.create(json!({"patient_id": 9})).await;
    stille.block(8, json!({"begruendung": "Ruhestand"})).await;
    assert_eq!(therapists(&stille.free_on("").await), [7, 8]);
}

#[tokio::test]
async fn it_has_pages_like_every_list() {
    let woche = Woche::start().await;
    for therapist in 1..=5 {
        woche.copy(therapist, unavailable("Dr. Ada Beispiel")).await;
    }
    let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
    loop {
        let page = woche.free_on(&query).await;
        seen.extend(therapists(&page));
        assert_eq!(page.get("total").is_some(), query == "limit=2");
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        query = format!("limit=2&cursor={next}");
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    assert_eq!(therapists(&woche.free_on("limit=2&page=3").await), [5]);
    // Whoever leaves the list meanwhile, as by being contacted, lets nobody be passed over.
    let first = woche.free_on("limit=2").await;
    for therapist in [1, 2] {
        woche
            .block(therapist, json!({"begruendung": "Urlaub"}))
            .await;
    }
    let next = first["next_cursor"].as_str().unwrap();
    let second = woche.free_on(&format!("limit=2&cursor={next}")).await;
    assert_eq!(therapists(&second), [3, 4]);
    for therapist in [1, 2] {
        woche.block(therapist, json!(null)).await;
    }
    assert_eq!(
        therapists(&woche.free_on("limit=2&page=4").await),
        [0_i64; 0]
    );
}

#[tokio::test]
async fn what_cannot_be_asked_is_named() {
    let woche = Woche::start().await;
    let yesterday = format!("am={}", woche.date("MONDAY - 1").await);
    for (query, words) in [
        (yesterday.as_str(), "am must not lie in the past"),
        ("am=morgen", "am must be a date"),
        ("weg=brief", "weg must be one of 'mail', 'anruf'"),
        ("page=x", "page must be an integer"),
        ("cursor=x", "cursor must be a value"),
        ("total=alle", "total"),
    ] {
        let path = format!("/api/therapists/kontaktierbar?{query}");
        assert_problem(&woche.client.get(&path).await, 400, words);
    }
    let answer = woche
        .client
        .post("/api/therapists/kontaktierbar", &json!({}))
        .await;
    assert_problem(&answer, 405, "GET");
}
