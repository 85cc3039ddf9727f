//! `GET /api/therapists/{id}/kontakte`.

use super::support::{each, free, not_before};
use crate::follow_ups::support::Stille;
use crate::setup::assert_problem;
use crate::telefonanrufe::support::Woche;
use serde_json::{Value, json};

fn of_nobody() -> Value {
    json!({
        "data": [], "page": 1, "limit": 20, "total": 0, "next_cursor": null,
        "regelstand": {
            "letzter_kontakt": null, "letzte_mail": null, "letzte_ablehnung": null, "gesperrt": null,
            "mail": free(), "anruf": free(),
        },
    })
}

#[tokio::test]
async fn the_timeline_shows_mail_silence_follow_up_call_and_its_cancellation() {
    let stille = Stille::start().await;
    let draft = json!({"therapist_id": 7, "betreff": "Entwurf"});
    stille
        .client
        .post("/api/emails", &comm_tests::email(draft))
        .await
        .expect(201);
    let mail = stille.sent(10, json!({"therapeutenanfrage_id": 5})).await;
    let before = stille.contacts(7, "").await;
    assert_eq!(before["total"], 1);
    assert_eq!(before["data"][0]["nachverfolgung"], Value::Null);
    stille.run().await;
    let answered = json!({"antwort_erhalten": true, "antwort_art": "sonstiges"});
    stille.change(&mail, answered).await.expect(200);
    let list = stille.contacts(7, "").await;
    assert_eq!(each(&list, "art"), ["telefonanruf", "email"]);
    let (call, sent) = (&list["data"][0], &list["data"][1]);
    let email = stille
        .client
        .get(&format!("/api/emails/{}", mail["id"]))
        .await
        .body;
    let decided = sent["nachverfolgung"].clone();
    let expected = json!({
        "art": "email", "id": mail["id"], "zeitpunkt": email["gesendet_am"], "status": "Gesendet",
        "therapeutenanfrage_id": 5, "betreff": "Anfrage", "antwort_erhalten": true,
        "antwortdatum": email["antwortdatum"], "antwort_art": "sonstiges", "fehlerart": null,
        "nachverfolgung": {
            "entscheidung": "geplant", "grund": null, "telefonanruf_id": call["id"],
            "entschieden_am": decided["entschieden_am"], "endgueltig": true,
        },
    });
    assert_eq!(sent, &expected);
    assert!(
        decided["entschieden_am"]
            .as_str()
            .unwrap()
            .starts_with(stille.today())
    );
    let booked = stille.by_id(&call["id"]).await;
    // Nine o'clock on the wall of Berlin, in August.
    let at = format!("{}T07:00:00.000000Z", stille.today());
    let expected = json!({
        "art": "telefonanruf", "id": booked["id"], "zeitpunkt": at, "status": "abgebrochen",
        "therapeutenanfrage_id": booked["therapeutenanfrage_id"], "geplantes_datum": stille.today(), "geplante_zeit": "09:00",
        "versuch": 1, "ergebnis_art": null, "email_ids": [], "vorgaenger_id": null, "bearbeiter": null,
        "notizen": booked["notizen"],
    });
    assert_eq!(call, &expected);
    assert!(call["notizen"].is_string(), "why it was called off");
}

#[tokio::test]
async fn what_was_deleted_is_gone_from_the_rows_and_counts_for_the_rules() {
    let stille = Stille::start().await;
    let mail = stille.sent(2, json!({})).await;
    stille.refused(7).await;
    let list = stille.contacts(7, "").await;
    let path = format!("/api/emails/{}", mail["id"]);
    let email = stille.client.get(&path).await.body;
    assert_eq!(each(&list, "art"), ["telefonanruf", "email"]);
    stille.client.delete(&path).await.expect(200);
    let call = format!("/api/phone-calls/{}", list["data"][0]["id"]);
    stille.client.delete(&call).await.expect(200);
    let after = stille.contacts(7, "").await;
    assert_eq!((each(&after, "art").len(), &after["total"]), (0, &json!(0)));
    assert_eq!(after["regelstand"], list["regelstand"]);
    let stand = &after["regelstand"];
    let monday = |days: usize| stille.day(days);
    let mailed = stille.date("MONDAY - 2").await;
    assert_eq!(stand["letzte_mail"], mailed);
    assert!(email["gesendet_am"].as_str().unwrap().starts_with(&mailed));
    assert_eq!(stand["letzte_ablehnung"], stille.today());
    assert!(
        stand["letzter_kontakt"]
            .as_str()
            .unwrap()
            .starts_with(stille.today())
    );
    for way in ["mail", "anruf"] {
        assert_eq!(stand[way], not_before("sperrfrist", monday(28)), "{way}");
    }
}

#[tokio::test]
async fn a_mail_of_this_week_keeps_from_mails_and_a_block_from_everything() {
    let woche = Woche::start().await;
    let mail = woche.queued(7).await;
    let list = woche.contacts(7, "").await;
    assert_eq!(list["data"][0]["status"], "In_Warteschlange");
    assert_eq!(list["data"][0]["zeitpunkt"], mail["in_warteschlange_am"]);
    let stand = &list["regelstand"];
    assert_eq!(stand["letzter_kontakt"], mail["in_warteschlange_am"]);
    assert_eq!(stand["mail"], not_before("wochenfrist", woche.day(7)));
    assert_eq!(
        (&stand["anruf"], &stand["gesperrt"]),
        (&free(), &Value::Null)
    );
    let sperre = woche
        .block(7, json!({"bis": woche.day(3), "begruendung": "Urlaub"}))
        .await;
    let blocked = woche.contacts(7, "").await["regelstand"].clone();
    assert_eq!(blocked["anruf"], not_before("gesperrt", woche.day(4)));
    assert_eq!(blocked["mail"], not_before("wochenfrist", woche.day(7)));
    let expected =
        json!({"seit": sperre["gesperrt_seit"], "bis": woche.day(3), "begruendung": "Urlaub"});
    assert_eq!(blocked["gesperrt"], expected);
    let failed = "UPDATE communication_service.emails SET status = 'Fehlgeschlagen', fehlerart = 'endgueltig'";
    woche.world.execute(failed).await;
    let after = woche.contacts(7, "").await;
    assert_eq!(after["regelstand"]["letzte_mail"], Value::Null);
    assert_eq!(after["data"][0]["fehlerart"], "endgueltig");
}

#[tokio::test]
async fn rules_that_only_warn_allow_it_and_say_so() {
    let warn = [("COMM__CONTACT_RULES__SERVICE__SPERRE", "warn")];
    let stille = Stille::with(&warn).await;
    stille.block(7, json!({"begruendung": "Ruhestand"})).await;
    let stand = stille.contacts(7, "").await["regelstand"].clone();
    let expected = json!({"moeglich": true, "warnung": true, "grund": "gesperrt", "naechster_kontakt_moeglich": null});
    assert_eq!((&stand["mail"], &stand["anruf"]), (&expected, &expected));
}

#[tokio::test]
async fn it_has_pages_like_every_list() {
    let woche = Woche::start().await;
    for day in 0..3 {
        woche.queued(7).await;
        let call =
            json!({"therapist_id": 7, "geplantes_datum": woche.day(day), "geplante_zeit": "10:00"});
        woche.create(call).await;
    }
    woche.queued(8).await;
    let all = woche.contacts(7, "").await;
    assert_eq!(
        (all["data"].as_array().unwrap().len(), &all["total"]),
        (6, &json!(6))
    );
    let first = woche.contacts(7, "limit=4").await;
    assert_eq!(
        (&first["page"], &first["limit"], &first["total"]),
        (&json!(1), &json!(4), &json!(6))
    );
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = woche.contacts(7, &format!("limit=4&cursor={cursor}")).await;
    assert_eq!(
        (second.get("total"), &second["next_cursor"]),
        (None, &Value::Null)
    );
    assert_eq!(second["regelstand"], all["regelstand"]);
    let numbered = woche.contacts(7, "limit=4&page=2").await;
    assert_eq!(
        (&numbered["data"], &numbered["page"]),
        (&second["data"], &json!(2))
    );
    let ids = [each(&first, "id"), each(&second, "id")].concat();
    assert_eq!(ids, each(&all, "id"));
    for (query, words) in [
        ("limit=x", "limit must be an integer"),
        ("cursor=x", "cursor must be a value"),
        ("total=alle", "total"),
    ] {
        let path = format!("/api/therapists/7/kontakte?{query}");
        assert_problem(&woche.client.get(&path).await, 400, words);
    }
}

#[tokio::test]
async fn a_therapist_whom_nobody_knows_has_an_empty_timeline_and_no_id_is_none() {
    let woche = Woche::start().await;
    assert_eq!(woche.contacts(77, "").await, of_nobody());
    for id in ["0", "-1", "x", "1.0", "9223372036854775808", "%ff"] {
        let path = format!("/api/therapists/{id}/kontakte");
        assert_problem(&woche.client.get(&path).await, 404, "Therapist not found");
    }
}
