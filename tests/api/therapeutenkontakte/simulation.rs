//! `POST /api/kontaktregeln/simulation`.

use super::support::{available, each, free, not_before, therapists};
use crate::follow_ups::support::Stille;
use crate::setup::assert_problem;
use crate::telefonanrufe::support::Woche;
use comm_tests::Answer;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PATH: &str = "/api/kontaktregeln/simulation";
/// Every table, with how many rows it has and what they say.
const TABLES: &str = "SELECT table_name || ' ' || (xpath('/row/said/text()', query_to_xml(format( \
       'SELECT count(*) || '' '' || coalesce(md5(string_agg(one::text, chr(10) ORDER BY one::text)), '''') AS said \
        FROM %I.%I AS one', table_schema, table_name), false, true, '')))[1]::text \
     FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1";
/// Every sequence, with where it stands.
const SEQUENCES: &str = "SELECT schemaname || '.' || sequencename || ' ' || coalesce(last_value::text, 'unused') \
     FROM pg_sequences ORDER BY 1";

impl Woche {
    async fn try_simulate(&self, body: &Value, query: &str) -> Answer {
        self.client.post(&format!("{PATH}?{query}"), body).await
    }

    async fn simulate(&self, body: Value) -> Value {
        self.try_simulate(&body, "").await.expect(200).body
    }

    /// What is stored in the whole database.
    async fn dump(&self) -> Vec<String> {
        let client = self.world.database.connect().await.unwrap();
        let mut said = Vec::new();
        for statement in [TABLES, SEQUENCES] {
            let rows = client.query(statement, &[]).await.unwrap();
            said.extend(rows.iter().map(|row| row.get::<_, String>(0)));
        }
        said
    }
}

/// The rows of a simulation by therapist.
fn by_therapist(simulation: &Value) -> BTreeMap<i64, &Value> {
    let rows = simulation["data"].as_array().unwrap().iter();
    rows.map(|row| (row["therapist_id"].as_i64().unwrap(), row))
        .collect()
}

/// Four therapists: mailed two days ago, refused today, blocked through Thursday, and one of whom there is only a copy.
async fn four() -> Stille {
    let stille = Stille::start().await;
    stille.sent(2, json!({"therapist_id": 1})).await;
    stille.refused(2).await;
    let sperre = json!({"bis": stille.day(3), "begruendung": "Urlaub"});
    stille.block(3, sperre).await;
    stille.copy(4, available("Dr. Ada Beispiel")).await;
    stille
}

#[tokio::test]
async fn it_says_who_would_be_mailed_or_called_and_who_not_and_why() {
    let stille = four().await;
    let all = stille.simulate(json!({})).await;
    assert_eq!(all["am"], stille.today());
    let enforced = json!({"wochenfrist": "enforce", "sperrfrist": "enforce", "sperre": "enforce"});
    assert_eq!(all["regeln"], enforced);
    assert_eq!(therapists(&all), [4, 3, 1, 2]);
    assert_eq!(
        (&all["page"], &all["limit"], &all["total"]),
        (&json!(1), &json!(20), &json!(4))
    );
    let expected = json!({
        "mail": {"moeglich": 1, "gewarnt": 0, "nicht": {"wochenfrist": 1, "sperrfrist": 1, "gesperrt": 1}},
        "anruf": {"moeglich": 2, "gewarnt": 0, "nicht": {"wochenfrist": 0, "sperrfrist": 1, "gesperrt": 1}},
    });
    assert_eq!(all["zusammenfassung"], expected);
    let rows = by_therapist(&all);
    let nothing = json!({"emails": [], "anrufe": [], "nachverfolgungen": []});
    let expected = json!({
        "therapist_id": 4, "name": "Dr. Ada Beispiel", "mail": free(), "anruf": free(), "anstehend": nothing,
    });
    assert_eq!(rows[&4], &expected);
    assert_eq!(rows[&1]["mail"], not_before("wochenfrist", stille.day(5)));
    assert_eq!(
        (&rows[&1]["anruf"], &rows[&1]["name"]),
        (&free(), &Value::Null)
    );
    for way in ["mail", "anruf"] {
        assert_eq!(rows[&2][way], not_before("sperrfrist", stille.day(28)));
        assert_eq!(rows[&3][way], not_before("gesperrt", stille.day(4)));
    }
    let later = stille.simulate(json!({"am": stille.day(5)})).await;
    assert_eq!(later["zusammenfassung"]["mail"]["moeglich"], 3);
    assert_eq!(by_therapist(&later)[&1]["mail"], free());
}

#[tokio::test]
async fn a_rule_may_warn_or_be_off_and_the_others_stay_as_configured() {
    let stille = four().await;
    let regeln = json!({"wochenfrist": "warn", "sperre": "off"});
    let simulation = stille.simulate(json!({"regeln": regeln})).await;
    let used = json!({"wochenfrist": "warn", "sperrfrist": "enforce", "sperre": "off"});
    assert_eq!(simulation["regeln"], used);
    let rows = by_therapist(&simulation);
    let warned = json!({
        "moeglich": true, "warnung": true, "grund": "wochenfrist", "naechster_kontakt_moeglich": stille.day(5),
    });
    assert_eq!(rows[&1]["mail"], warned);
    assert_eq!((&rows[&3]["mail"], &rows[&3]["anruf"]), (&free(), &free()));
    assert_eq!(rows[&2]["anruf"], not_before("sperrfrist", stille.day(28)));
    let mail = json!({"moeglich": 3, "gewarnt": 1, "nicht": {"wochenfrist": 0, "sperrfrist": 1, "gesperrt": 0}});
    assert_eq!(simulation["zusammenfassung"]["mail"], mail);
}

#[tokio::test]
async fn it_tells_what_is_under_way_and_which_follow_ups_are_due() {
    let stille = Stille::start().await;
    let on_monday = stille.sent(7, json!({"therapist_id": 1})).await;
    let on_tuesday = stille.sent(6, json!({"therapist_id": 1})).await;
    let answered = stille.sent(8, json!({"therapist_id": 1})).await;
    let said = json!({"antwort_erhalten": true});
    stille.change(&answered, said).await.expect(200);
    let switched_off = json!({"therapist_id": 1});
    let switched_off = stille.sent(8, switched_off).await;
    let no = json!({"nachverfolgung_erforderlich": false});
    stille.change(&switched_off, no).await.expect(200);
    stille.sent(61, json!({"therapist_id": 1})).await;
    let old = stille.sent(60, json!({"therapist_id": 1})).await;
    let waiting = stille.queued(1).await;
    let call =
        json!({"therapist_id": 1, "geplantes_datum": stille.tomorrow(), "geplante_zeit": "10:00"});
    let call = stille.create(call).await;
    let today = stille.simulate(json!({})).await;
    let expected = json!({
        "emails": [waiting["id"]], "anrufe": [], "nachverfolgungen": [old["id"], on_monday["id"]],
    });
    assert_eq!(today["data"][0]["anstehend"], expected);
    let tomorrow = stille.simulate(json!({"am": stille.tomorrow()})).await;
    let expected = json!({
        "emails": [waiting["id"]], "anrufe": [call["id"]], "nachverfolgungen": [on_monday["id"], on_tuesday["id"]],
    });
    assert_eq!(tomorrow["data"][0]["anstehend"], expected);
    let report = stille.dry_run().await;
    assert_eq!(
        each(&report, "email_id").len(),
        4,
        "those of today with both that get no call"
    );
    stille.run().await;
    let after = stille.simulate(json!({})).await;
    assert_eq!(after["data"][0]["anstehend"]["nachverfolgungen"], json!([]));
}

#[tokio::test]
async fn nothing_in_the_whole_database_is_changed() {
    let stille = four().await;
    stille.sent(10, json!({"therapist_id": 4})).await;
    stille.queued(1).await;
    let before = stille.dump().await;
    let filled = before.iter().filter(|line| !line.contains(" 0 ")).count();
    assert!(filled > 8 && before.len() > 20, "{before:#?}");
    for body in [
        json!({}),
        json!({"am": stille.day(40), "regeln": {"wochenfrist": "off", "sperrfrist": "off", "sperre": "off"}}),
        json!({"therapist_ids": [1, 2, 3, 4, 99]}),
        json!({"regeln": {"wochenfrist": "quatsch"}}),
    ] {
        stille.try_simulate(&body, "limit=1000").await;
        stille.post_once(PATH, "schluessel", &body).await;
    }
    assert_eq!(stille.dump().await, before);
    stille.block(99, json!({"begruendung": "Urlaub"})).await;
    assert_ne!(stille.dump().await, before, "the dump sees a change");
}

#[tokio::test]
async fn therapists_who_are_named_are_looked_at_known_or_not() {
    let stille = four().await;
    let simulation = stille
        .simulate(json!({"therapist_ids": [99, 2, 0, 99, 4.0]}))
        .await;
    assert_eq!(therapists(&simulation), [4, 99, 2]);
    let rows = by_therapist(&simulation);
    assert_eq!(
        (&rows[&99]["mail"], &rows[&99]["anruf"]),
        (&free(), &free())
    );
    assert_eq!(simulation["zusammenfassung"]["mail"]["moeglich"], 2);
    let nobody = stille.simulate(json!({"therapist_ids": []})).await;
    assert_eq!(
        (therapists(&nobody).len(), &nobody["total"]),
        (0, &json!(0))
    );
}

#[tokio::test]
async fn it_has_pages_like_every_list_and_the_summary_is_of_all() {
    let stille = four().await;
    let all = stille.simulate(json!({})).await;
    let (mut seen, mut query) = (Vec::new(), "limit=3".to_owned());
    loop {
        let page = stille
            .try_simulate(&json!({}), &query)
            .await
            .expect(200)
            .body;
        assert_eq!(page["zusammenfassung"], all["zusammenfassung"]);
        seen.extend(therapists(&page));
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        query = format!("limit=3&cursor={next}");
    }
    assert_eq!(seen, therapists(&all));
    let second = stille
        .try_simulate(&json!({}), "limit=3&page=2")
        .await
        .expect(200);
    assert_eq!(therapists(&second.body), [2]);
}

#[tokio::test]
async fn rules_are_never_read_by_their_position() {
    let woche = Woche::start().await;
    for regeln in [json!(["off", "warn", "off"]), json!([])] {
        let answer = woche.try_simulate(&json!({"regeln": regeln}), "").await;
        assert_problem(&answer, 400, "regeln must be a JSON object");
    }
}

#[tokio::test]
async fn what_cannot_be_simulated_is_named() {
    let woche = Woche::start().await;
    assert_eq!(woche.simulate(Value::Null).await["total"], 0);
    let yesterday = woche.date("MONDAY - 1").await;
    for (body, words) in [
        (json!({"am": yesterday}), "am must not lie in the past"),
        (json!({"am": "morgen"}), "am must be a date"),
        (json!({"am": 5}), "am must be"),
        (
            json!({"regeln": {"wochenfrist": "Enforce"}}),
            "regeln.wochenfrist must be one of 'off', 'warn', 'enforce'",
        ),
        (
            json!({"regeln": {"sperrfrist": ""}}),
            "regeln.sperrfrist must be one of",
        ),
        (
            json!({"regeln": {"sperre": 5}}),
            "regeln.sperre must be a string",
        ),
        (json!({"regeln": "aus"}), "regeln must be a JSON object"),
        (json!({"therapist_ids": 7}), "therapist_ids must be a list"),
        (
            json!({"therapist_ids": [7, -1]}),
            "therapist_ids[1] must be a 64-bit integer, at least 0",
        ),
        (
            json!({"therapist_ids": [1.5]}),
            "therapist_ids[0] must be a 64-bit integer",
        ),
        (
            json!({"therapist_ids": vec![7; 1001]}),
            "therapist_ids must have at most 1000 ids",
        ),
        (json!([]), "must be a JSON object"),
    ] {
        assert_problem(&woche.try_simulate(&body, "").await, 400, words);
    }
    for (query, words) in [
        ("limit=x", "limit must be an integer"),
        ("cursor=x", "cursor must be a value"),
    ] {
        assert_problem(&woche.try_simulate(&json!({}), query).await, 400, words);
    }
    assert_problem(
        &woche.send(Method::POST, PATH, "{").await,
        400,
        "The request body",
    );
    assert_problem(&woche.client.get(PATH).await, 405, "POST");
    let without = woche
        .client
        .send(Method::POST, PATH, |request| request)
        .await;
    assert_eq!(
        without.unwrap().expect(200).body["total"],
        0,
        "all of it may be left out"
    );
}
