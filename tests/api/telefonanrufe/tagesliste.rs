//! `GET /api/phone-calls/tagesliste`.

use super::support::Woche;
use crate::setup::assert_problem;
use comm_tests::{DirectoryServer, World};
use serde_json::{Value, json};

impl Woche {
    async fn day_list(&self, query: &str) -> Value {
        let path = format!("/api/phone-calls/tagesliste?{query}");
        self.client.get(&path).await.expect(200).body
    }
}

fn ids(list: &Value) -> Vec<i64> {
    let rows = list["data"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn the_calls_of_today_come_in_the_order_of_their_time_in_whatever_state() {
    let woche = Woche::start().await;
    let planned = |therapist: i64, zeit: &str, wer: &str| json!({"therapist_id": therapist, "geplantes_datum": woche.today(), "geplante_zeit": zeit, "bearbeiter": wer});
    woche.create(planned(1, "11:00", "Jana Muster")).await;
    let cancelled = woche.create(planned(2, "09:00", "Ada")).await;
    let deleted = woche.create(planned(3, "10:00", "Jana Muster")).await;
    woche.create(planned(4, "10:30", "Jana Muster")).await;
    woche
        .create(json!({"therapist_id": 5, "geplantes_datum": woche.tomorrow()}))
        .await;
    let off = json!({"status": "abgebrochen"});
    woche.put(&cancelled, off).await.expect(200);
    let path = super::support::path(&deleted);
    woche.client.delete(&path).await.expect(200);
    let list = woche.day_list("").await;
    assert_eq!(list["datum"], woche.today());
    assert_eq!((ids(&list), &list["total"]), (vec![2, 4, 1], &json!(3)));
    assert_eq!(list["data"][0]["status"], "abgebrochen");
    let janas = woche.day_list("bearbeiter=Jana%20Muster").await;
    assert_eq!(ids(&janas), [4, 1]);
    let tomorrow = format!("datum={}&bearbeiter=", woche.tomorrow());
    assert_eq!(ids(&woche.day_list(&tomorrow).await), [5]);
    let empty = woche.day_list("datum=1970-01-01").await;
    assert_eq!(
        empty,
        json!({"datum": "1970-01-01", "data": [], "total": 0})
    );
}

#[tokio::test]
async fn a_row_is_the_whole_call_with_who_is_called_and_why() {
    let directory = DirectoryServer::of_people().await;
    directory.knows(
        "/api/therapists/7",
        json!({"id": 7, "titel": "Dr.", "vorname": "Ada", "nachname": "Beispiel", "telefon": "+49 (0)30 123-45"}),
    );
    let world = World::without_kafka().await;
    let world = world.set("THERAPIST_SERVICE_URL", &directory.url());
    let woche = Woche::at("07:00", world).await;
    let call = json!({"therapist_id": 7, "therapeutenanfrage_id": 12, "bearbeiter": "Jana Muster", "notizen": "vormittags"});
    let created = woche.create(call).await;
    let patient = woche
        .create(json!({"patient_id": 7, "geplantes_datum": woche.today()}))
        .await;
    let list = woche.day_list("").await;
    let row = &list["data"][0];
    for field in woche.list("").await["data"][1].as_object().unwrap().keys() {
        assert_eq!(row[field], created[field], "{field}");
    }
    assert_eq!(row["name"], "Dr. Ada Beispiel");
    assert_eq!(row["telefon"], "+49 (0)30 123-45");
    assert_eq!(row["telefon_uri"], "tel:+493012345");
    assert_eq!(row["grund_der_planung"], "anforderung");
    assert_eq!(
        (&row["emails"], &row["fruehere_versuche"]),
        (&json!([]), &json!([]))
    );
    let unknown = &list["data"][1];
    assert_eq!(unknown["id"], patient["id"]);
    for field in ["name", "telefon", "telefon_uri"] {
        assert_eq!(unknown.get(field), Some(&Value::Null), "{field}");
    }
}

#[tokio::test]
async fn a_retry_and_a_callback_show_the_attempts_before_them() {
    let woche = Woche::start().await;
    let first = woche.create(json!({"therapist_id": 7})).await;
    let failed =
        json!({"status": "fehlgeschlagen", "ergebnis_art": "nicht_erreicht", "notizen": "besetzt"});
    let failed = woche.put(&first, failed).await.expect(200).body;
    let retry = woche.by_id(&failed["naechster_anruf_id"]).await;
    let agreed = json!({
        "status": "abgeschlossen", "ergebnis_art": "rueckruf_vereinbart", "wiederholen_nach": woche.day(3),
        "wiederholen_zeit": "11:00", "tatsaechliche_zeit": "09:25", "tatsaechliches_datum": woche.tomorrow(),
    });
    let agreed = woche.put(&retry, agreed).await.expect(200).body;
    let tomorrow = woche.day_list(&format!("datum={}", woche.tomorrow())).await;
    let row = &tomorrow["data"][0];
    assert_eq!(row["grund_der_planung"], "wiederholung");
    assert_eq!(row["versuch"], 2);
    let before = json!({
        "id": first["id"], "datum": woche.today(), "zeit": "09:00", "status": "fehlgeschlagen",
        "ergebnis_art": "nicht_erreicht", "notizen": "besetzt", "versuch": 1,
    });
    assert_eq!(row["fruehere_versuche"], json!([before]));
    let thursday = woche.day_list(&format!("datum={}", woche.day(3))).await;
    let row = &thursday["data"][0];
    assert_eq!(row["id"], agreed["naechster_anruf_id"]);
    assert_eq!(row["grund_der_planung"], "rueckruf");
    let spoken = json!({
        "id": retry["id"], "datum": woche.tomorrow(), "zeit": "09:25", "status": "abgeschlossen",
        "ergebnis_art": "rueckruf_vereinbart", "notizen": null, "versuch": 2,
    });
    assert_eq!(row["fruehere_versuche"], json!([spoken, before]));
}

#[tokio::test]
async fn a_follow_up_names_its_emails_with_the_day_on_which_they_were_sent() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 7})).await;
    let email = woche
        .client
        .post(
            "/api/emails",
            &comm_tests::email(json!({"betreff": "Anfrage 12"})),
        )
        .await;
    let email = email.expect(201).body["id"].as_i64().unwrap();
    let sql = format!(
        "UPDATE communication_service.emails SET gesendet_am = '2026-01-09T23:30:00Z' WHERE id = {email}; \
         INSERT INTO communication_service.telefonanruf_emails VALUES ({}, {email})",
        call["id"]
    );
    woche.world.execute(&sql).await;
    let row = &woche.day_list("").await["data"][0];
    assert_eq!(row["grund_der_planung"], "nachverfolgung");
    assert_eq!(row["email_ids"], json!([email]));
    let sent = json!([{"id": email, "betreff": "Anfrage 12", "datum": "2026-01-10"}]);
    assert_eq!(row["emails"], sent);
}

#[tokio::test]
async fn what_is_no_day_and_no_name_is_refused() {
    let woche = Woche::start().await;
    for (query, name) in [
        ("datum=morgen", "datum"),
        ("datum=2026-02-30", "datum"),
        ("datum=20260202", "datum"),
        ("bearbeiter=a%00b", "bearbeiter"),
        ("bearbeiter=%20", "bearbeiter"),
    ] {
        let path = format!("/api/phone-calls/tagesliste?{query}");
        assert_problem(&woche.client.get(&path).await, 400, name);
    }
}
