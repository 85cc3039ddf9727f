//! `PUT /api/therapists/{id}/kontaktsperre`.

use crate::setup::assert_problem;
use crate::telefonanrufe::support::Woche;
use comm_tests::World;
use reqwest::Method;
use serde_json::{Value, json};

const FREE: Value = Value::Null;

fn lifted(therapist: i64) -> Value {
    json!({
        "therapist_id": therapist, "gesperrt": false, "bis": null, "begruendung": null, "gesperrt_seit": null,
        "naechster_kontakt_moeglich": null,
    })
}

#[tokio::test]
async fn a_therapist_is_blocked_through_the_last_day_or_until_it_is_lifted() {
    let woche = Woche::start().await;
    let body = json!({"bis": woche.day(3), "begruendung": "  Die Praxis zieht um.\n"});
    let first = woche.block(7, body).await;
    let since = first["gesperrt_seit"].clone();
    assert!(since.as_str().unwrap().starts_with(woche.today()));
    let expected = json!({
        "therapist_id": 7, "gesperrt": true, "bis": woche.day(3), "begruendung": "Die Praxis zieht um.",
        "gesperrt_seit": since, "naechster_kontakt_moeglich": woche.day(4),
    });
    assert_eq!(first, expected);
    for kept in [
        json!({"begruendung": "neu"}),
        json!({"begruendung": "neu", "bis": null}),
    ] {
        let second = woche.block(7, kept).await;
        assert_eq!(
            (&second["bis"], &second["begruendung"]),
            (&json!(woche.day(3)), &json!("neu"))
        );
    }
    for endless in [
        json!({"begruendung": "Ruhestand", "bis": ""}),
        json!({"begruendung": "Ruhestand"}),
    ] {
        let second = woche.block(7, endless).await;
        let expected = json!({
            "therapist_id": 7, "gesperrt": true, "bis": null, "begruendung": "Ruhestand",
            "gesperrt_seit": since, "naechster_kontakt_moeglich": null,
        });
        assert_eq!(second, expected, "blocking again replaces end and words");
    }
    assert_eq!(woche.block(7, FREE).await, lifted(7));
    assert_eq!(woche.block(7, FREE).await, lifted(7));
    // What is answered may be sent back.
    assert_eq!(woche.block(7, lifted(7)).await, lifted(7));
    let endless = woche.block(7, json!({"begruendung": "Ruhestand"})).await;
    assert_eq!(woche.block(7, endless.clone()).await, endless);
    assert_eq!(woche.block(7, json!({"gesperrt": false})).await, lifted(7));
    // Whoever was never contacted does not become known by it.
    assert_eq!(woche.block(777, FREE).await, lifted(777));
    let known = "SELECT count(*) FROM communication_service.kontaktstand WHERE person_id = 777";
    assert_eq!(woche.world.number(known).await, 0);
    let today = woche
        .block(7, json!({"bis": woche.today(), "begruendung": "Urlaub"}))
        .await;
    assert_eq!(today["naechster_kontakt_moeglich"], woche.tomorrow());
    let forever = json!({"bis": "9999-12-31", "begruendung": "Ruhestand"});
    let forever = woche.block(7, forever).await;
    assert_eq!(forever["naechster_kontakt_moeglich"], Value::Null);
}

#[tokio::test]
async fn a_block_binds_by_the_configured_rule_and_no_other_therapist() {
    let world = World::without_kafka()
        .await
        .set("COMM__CONTACT_RULES__CLIENTS__SPERRE", "enforce");
    let woche = Woche::at("07:00", world).await;
    let sperre = json!({"bis": woche.day(3), "begruendung": "Urlaub"});
    woche.block(7, sperre).await;
    let call =
        json!({"therapist_id": 7, "geplantes_datum": woche.tomorrow(), "geplante_zeit": "10:00"});
    let refused = woche.post(call.clone()).await;
    assert_problem(&refused, 409, "'gesperrt'");
    assert_eq!(refused.body["grund"], "gesperrt");
    assert_eq!(refused.body["naechster_kontakt_moeglich"], woche.day(4));
    let other =
        json!({"therapist_id": 8, "geplantes_datum": woche.tomorrow(), "geplante_zeit": "10:00"});
    woche.create(other).await;
    woche.block(7, FREE).await;
    woche.create(call).await;
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_stored() {
    let woche = Woche::start().await;
    woche.block(7, json!({"begruendung": "Urlaub"})).await;
    let yesterday = woche.date("MONDAY - 1").await;
    let long = "ä".repeat(1001);
    for (body, words) in [
        (json!({}), "begruendung is required"),
        (json!({"begruendung": null}), "begruendung is required"),
        (json!({"begruendung": " \n "}), "begruendung must have"),
        (json!({"begruendung": long}), "begruendung must have"),
        (json!({"begruendung": "a\u{0}b"}), "begruendung"),
        (json!({"begruendung": 5}), "begruendung must be a string"),
        (json!({"begruendung": "x", "bis": yesterday}), "bis"),
        (json!({"begruendung": "x", "bis": "morgen"}), "bis must be"),
        (json!({"begruendung": "x", "bis": 5}), "bis"),
        (json!([]), "must be a JSON object"),
        (json!(["2099-01-01", "x"]), "must be a JSON object"),
        (json!("x"), "must be a JSON object"),
    ] {
        let answer = woche.put_sperre(7, &body).await;
        assert_problem(&answer, 400, words);
    }
    for wrong in ["", "{", "null null", "nul"] {
        let path = "/api/therapists/7/kontaktsperre";
        let answer = woche.send(Method::PUT, path, wrong).await;
        assert_problem(&answer, 400, "The request body");
    }
    let sql =
        "SELECT sperre_begruendung FROM communication_service.kontaktstand WHERE person_id = 7";
    assert_eq!(woche.world.text(sql).await, "Urlaub");
    let most = woche
        .block(7, json!({"begruendung": "ä".repeat(1000)}))
        .await;
    assert_eq!(most["gesperrt"], true);
}

#[tokio::test]
async fn what_is_no_id_of_a_therapist_is_not_found() {
    let woche = Woche::start().await;
    for id in ["0", "-1", "x", "1.0", "9223372036854775808", "%ff"] {
        let path = format!("/api/therapists/{id}/kontaktsperre");
        for body in [json!({"begruendung": "Urlaub"}), Value::Null] {
            let answer = woche.client.put(&path, &body).await;
            assert_problem(&answer, 404, "Therapist not found");
        }
    }
    let answer = woche.client.get("/api/therapists/7/kontaktsperre").await;
    assert_problem(&answer, 405, "PUT");
}
