//! `PUT /api/emails/{id}`: the fields.

use crate::setup::{
    Api, FEHLGESCHLAGEN, GESENDET, IN_WARTESCHLANGE, STATES, WIRD_GESENDET, assert_problem,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_whole_email_sent_back_changes_nothing_in_any_state() {
    let api = Api::start().await;
    for state in STATES {
        let email = api.create_in(state).await;
        let answer = api.put(&email, email.clone()).await.expect(200);
        assert_eq!(answer.body, email, "{state:?}");
        let nulls: Value = fields(&email).map(|name| (name, Value::Null)).collect();
        let answer = api.put(&email, nulls).await.expect(200);
        assert_eq!(answer.body, email, "{state:?}");
        assert_eq!(api.put(&email, json!({})).await.expect(200).body, email);
    }
    let events = "SELECT count(*) FROM communication_service.outbox \
         WHERE event_type <> 'communication.email_created'";
    assert_eq!(api.world.number(events).await, 0);
}

fn fields(email: &Value) -> impl Iterator<Item = String> {
    email.as_object().unwrap().keys().cloned()
}

#[tokio::test]
async fn an_answer_without_a_date_stays_as_it_is() {
    let api = Api::start().await;
    let email = api.create_in(&GESENDET).await;
    let answered = json!({"antwort_erhalten": true, "antwortinhalt": "ja"});
    api.put(&email, answered).await.expect(200);
    let cleared = api
        .put(&email, json!({"antwortdatum": ""}))
        .await
        .expect(200)
        .body;
    assert_eq!(
        (&cleared["antwortdatum"], &cleared["antwort_erhalten"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(
        api.put(&email, cleared.clone()).await.expect(200).body,
        cleared
    );
}

#[tokio::test]
async fn every_field_of_a_draft_can_be_edited_and_read_only_ones_are_ignored() {
    let api = Api::start().await;
    let email = api.create(json!({})).await;
    let changes = json!({
        "betreff": "Neu", "empfaenger_email": "neu@example.org", "empfaenger_name": "Neu",
        "absender_email": "von@example.org", "absender_name": "Von", "senden_ab": "2026-01-31T09:15:00.000000Z",
        "prioritaet": 0, "inhalt_html": "<p>neu</p>", "inhalt_text": "von Hand",
    });
    let ignored = json!({
        "id": 99, "recipient_type": "patient", "message_id": "x@y", "wiederholungsanzahl": 7, "gesendet_am": "nie",
        "in_warteschlange_am": "nie", "naechster_versuch_am": [], "fehlerart": "Quatsch", "created_at": "gestern",
        "updated_at": 5, "unbekannt": {},
    });
    let mut body = changes.clone();
    body.as_object_mut()
        .unwrap()
        .extend(ignored.as_object().unwrap().clone());
    let changed = api.put(&email, body).await.expect(200).body;
    for (name, value) in changed.as_object().unwrap() {
        match changes.get(name) {
            Some(wanted) => assert_eq!(value, wanted, "{name}"),
            None if name == "updated_at" => assert_ne!(value, &email[name]),
            None => assert_eq!(value, &email[name], "{name}"),
        }
    }
    assert_eq!(api.get(&email).await, changed);
}

#[tokio::test]
async fn an_empty_text_clears_a_nullable_field_of_any_type_and_null_leaves_it() {
    let api = Api::start().await;
    let email = api.create_in(&FEHLGESCHLAGEN).await;
    let set = json!({
        "antwort_erhalten": true, "antwortdatum": "2026-01-31T09:15:00Z", "antwortinhalt": "ja", "antwort_art": "abgelehnt",
        "nachverfolgung_erforderlich": false, "nachverfolgung_notizen": "anrufen", "fehlermeldung": "geklärt",
    });
    let filled = api.put(&email, set.clone()).await.expect(200).body;
    assert_eq!(filled["antwortdatum"], "2026-01-31T09:15:00.000000Z");
    let nullable = fields(&set).filter(|name| name != "antwort_erhalten");
    for name in nullable {
        assert_ne!(filled[&name], Value::Null, "{name}");
        let kept = api.put(&email, json!({&name: null})).await.expect(200).body;
        assert_eq!(kept[&name], filled[&name]);
        let cleared = api.put(&email, json!({&name: ""})).await.expect(200).body;
        assert_eq!(cleared[&name], Value::Null, "{name}");
    }
    let draft = api
        .create(json!({"senden_ab": "2026-01-31T09:15:00Z"}))
        .await;
    let cleared = api
        .put(&draft, json!({"senden_ab": ""}))
        .await
        .expect(200)
        .body;
    assert_eq!(cleared["senden_ab"], Value::Null);
    for name in [
        "betreff",
        "empfaenger_email",
        "empfaenger_name",
        "prioritaet",
        "antwort_erhalten",
        "status",
    ] {
        assert_problem(&api.put(&draft, json!({name: ""})).await, 400, name);
    }
}

#[tokio::test]
async fn what_came_back_can_be_noted_in_every_state() {
    let api = Api::start().await;
    let arten = [
        "angenommen",
        "teilweise_angenommen",
        "abgelehnt",
        "nicht_erreicht",
        "rueckruf_vereinbart",
        "sonstiges",
    ];
    for (state, art) in STATES.into_iter().zip(arten.iter().cycle()) {
        let email = api.create_in(state).await;
        let noted = json!({
            "antwort_erhalten": true, "antwortdatum": "2026-01-31T09:15:00.000000Z", "antwortinhalt": "ja", "antwort_art": art,
            "nachverfolgung_erforderlich": false, "nachverfolgung_notizen": "anrufen", "fehlermeldung": "geklärt",
        });
        let changed = api.put(&email, noted.clone()).await.expect(200).body;
        for name in fields(&noted) {
            assert_eq!(changed[&name], noted[&name], "{state:?}: {name}");
        }
        assert_eq!(changed["status"], state.name);
        assert_eq!(api.get(&email).await, changed);
    }
    let email = api.create(json!({})).await;
    for art in arten {
        let changed = api.put(&email, json!({"antwort_art": art})).await;
        assert_eq!(changed.expect(200).body["antwort_art"], art);
    }
}

#[tokio::test]
async fn whoever_says_what_the_answer_said_says_that_one_came() {
    let api = Api::start().await;
    let email = api.create(json!({})).await;
    let denied = json!({"antwort_art": "abgelehnt", "antwort_erhalten": false});
    let denied = api.put(&email, denied).await.expect(200).body;
    assert_eq!(denied["antwort_erhalten"], false);
    let noted = json!({"antwort_art": "sonstiges"});
    let noted = api.put(&email, noted).await.expect(200).body;
    assert_eq!(noted["antwort_erhalten"], true);
    assert!(noted["antwortdatum"].is_string(), "{noted}");
}

#[tokio::test]
async fn what_only_a_draft_lets_change_is_a_conflict_that_names_the_field() {
    let api = Api::start().await;
    let changes = json!({
        "betreff": "Neu", "inhalt_html": "<p>neu</p>", "inhalt_text": "neu", "empfaenger_email": "neu@example.org",
        "empfaenger_name": "Neu", "absender_email": "neu@example.org", "absender_name": "Neu",
        "senden_ab": "2026-01-31T09:15:00Z", "prioritaet": 9,
    });
    for state in [
        &IN_WARTESCHLANGE,
        &WIRD_GESENDET,
        &GESENDET,
        &FEHLGESCHLAGEN,
    ] {
        let email = api.create_in(state).await;
        for (name, value) in changes.as_object().unwrap() {
            let answer = api
                .put(&email, json!({name: value, "antwortinhalt": "x"}))
                .await;
            assert_problem(&answer, 409, name);
            assert!(
                answer.message().contains(state.name),
                "{}",
                answer.message()
            );
        }
        let markdown = api.put(&email, json!({"inhalt_markdown": "neu"})).await;
        assert_problem(&markdown, 409, "inhalt");
        assert_eq!(api.get(&email).await, email, "all or nothing");
    }
}

#[tokio::test]
async fn whom_an_email_is_for_never_changes() {
    let api = Api::start().await;
    let email = api.create(json!({"therapeutenanfrage_id": 4})).await;
    let frozen = json!({"therapist_id": 8, "patient_id": 3, "therapeutenanfrage_id": 5, "vorlage": "follow_up"});
    for (name, value) in frozen.as_object().unwrap() {
        assert_problem(&api.put(&email, json!({name: value})).await, 409, name);
    }
    let zeros =
        json!({"therapist_id": 0, "patient_id": 0, "therapeutenanfrage_id": 0, "vorlage": ""});
    assert_eq!(api.put(&email, zeros).await.expect(200).body, email);
}

#[tokio::test]
async fn an_answer_is_dated_now_unless_its_date_is_given() {
    let api = Api::start().await;
    for state in STATES {
        let email = api.create_in(state).await;
        let answered = api
            .put(&email, json!({"antwort_erhalten": true}))
            .await
            .expect(200)
            .body;
        assert_eq!(answered["antwortdatum"], answered["updated_at"]);
        assert_eq!(answered["status"], state.name);
        let taken_back = api
            .put(&email, json!({"antwort_erhalten": false}))
            .await
            .expect(200)
            .body;
        assert_eq!(taken_back["antwortdatum"], answered["antwortdatum"]);
    }
    let email = api.create(json!({})).await;
    let dated = json!({"antwort_erhalten": true, "antwortdatum": "2026-01-31T09:15:00"});
    let dated = api.put(&email, dated).await.expect(200).body;
    assert_eq!(dated["antwortdatum"], "2026-01-31T09:15:00.000000Z");
}

#[tokio::test]
async fn only_an_explicit_false_switches_the_follow_up_off() {
    let api = Api::start().await;
    let email = api.create(json!({})).await;
    for (given, answered) in [
        (json!(true), json!(null)),
        (json!(false), json!(false)),
        (json!(null), json!(false)),
        (json!(true), json!(null)),
    ] {
        let answer = api
            .put(&email, json!({"nachverfolgung_erforderlich": given}))
            .await
            .expect(200);
        assert_eq!(
            answer.body["nachverfolgung_erforderlich"], answered,
            "{given}"
        );
    }
}

#[tokio::test]
async fn a_wrong_value_of_a_response_field_is_refused_by_name() {
    let api = Api::start().await;
    let email = api.create(json!({})).await;
    let cases = [
        (
            "antwort_art",
            json!("vielleicht"),
            "antwort_art must be one of 'angenommen', 'teilweise_angenommen'",
        ),
        ("antwort_art", json!(5), "antwort_art"),
        ("antwortdatum", json!("gestern"), "antwortdatum"),
        ("antwortdatum", json!(5), "antwortdatum"),
        ("antwortinhalt", json!(["x"]), "antwortinhalt"),
        ("antwort_erhalten", json!("ja"), "antwort_erhalten"),
        (
            "nachverfolgung_erforderlich",
            json!("ja"),
            "nachverfolgung_erforderlich",
        ),
        (
            "nachverfolgung_notizen",
            json!({}),
            "nachverfolgung_notizen",
        ),
        ("fehlermeldung", json!(1), "fehlermeldung"),
        ("prioritaet", json!(10), "prioritaet"),
        ("betreff", json!("a\nb"), "betreff"),
        (
            "empfaenger_email",
            json!("a@example.org, b@example.org"),
            "empfaenger_email",
        ),
    ];
    for (name, value, words) in cases {
        assert_problem(&api.put(&email, json!({name: value})).await, 400, words);
    }
    assert_eq!(api.get(&email).await, email);
}
