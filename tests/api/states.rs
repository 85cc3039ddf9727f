//! `PUT /api/emails/{id}`: the way from state to state.

use crate::setup::{
    Api, ENTWURF, FEHLGESCHLAGEN, IN_DOUBT, IN_WARTESCHLANGE, STATES, State, WIRD_GESENDET,
    assert_problem,
};
use comm_tests::World;
use serde_json::{Value, json};

const ALLOWED: [(&State, &str); 9] = [
    (&ENTWURF, "In_Warteschlange"),
    (&ENTWURF, "Gesendet"),
    (&IN_WARTESCHLANGE, "Entwurf"),
    (&IN_WARTESCHLANGE, "Gesendet"),
    (&FEHLGESCHLAGEN, "In_Warteschlange"),
    (&FEHLGESCHLAGEN, "Entwurf"),
    (&FEHLGESCHLAGEN, "Gesendet"),
    (&IN_DOUBT, "In_Warteschlange"),
    (&IN_DOUBT, "Gesendet"),
];

#[tokio::test]
async fn exactly_the_transitions_of_the_contract_are_possible() {
    let api = Api::start().await;
    for state in STATES {
        for to in [
            "Entwurf",
            "In_Warteschlange",
            "Wird_gesendet",
            "Gesendet",
            "Fehlgeschlagen",
        ] {
            let email = api.create_in(state).await;
            let answer = api.put(&email, json!({"status": to})).await;
            let allowed = ALLOWED
                .iter()
                .any(|(from, target)| std::ptr::eq(*from, state) && *target == to);
            if allowed || to == state.name {
                assert_eq!(answer.expect(200).body["status"], to, "{state:?}");
            } else {
                assert_problem(&answer, 409, "status");
                for name in [state.name, to] {
                    assert!(
                        answer.message().contains(&format!("'{name}'")),
                        "{}",
                        answer.message()
                    );
                }
                assert_eq!(api.get(&email).await, email);
            }
        }
    }
}

#[tokio::test]
async fn a_new_state_clears_the_error_and_sets_its_instants() {
    let api = Api::start().await;
    for (from, to) in ALLOWED {
        let email = api.create_in(from).await;
        let after = api
            .put(&email, json!({"status": to}))
            .await
            .expect(200)
            .body;
        for name in ["fehlerart", "fehlermeldung", "naechster_versuch_am"] {
            assert_eq!(after[name], Value::Null, "{from:?} to {to}: {name}");
        }
        if to == "In_Warteschlange" {
            assert_eq!(after["wiederholungsanzahl"], 0);
            assert_eq!(after["in_warteschlange_am"], after["updated_at"]);
        }
        if to == "Gesendet" {
            let attempt = json!("2026-01-31T09:15:00.000000Z");
            let doubted = std::ptr::eq(from, &IN_DOUBT);
            let at = if doubted {
                &attempt
            } else {
                &after["updated_at"]
            };
            assert_eq!(&after["gesendet_am"], at, "{from:?}");
        }
        assert_eq!(after["message_id"], email["message_id"]);
    }
}

#[tokio::test]
async fn a_status_that_does_not_exist_is_refused_in_every_state() {
    let api = Api::start().await;
    for state in STATES {
        let email = api.create_in(state).await;
        for status in ["Quatsch", "gesendet", ""] {
            let answer = api.put(&email, json!({"status": status})).await;
            assert_problem(&answer, 400, "status must be one of 'Entwurf'");
        }
        assert_problem(&api.put(&email, json!({"status": 1})).await, 400, "status");
        assert_eq!(api.get(&email).await, email);
    }
}

#[tokio::test]
async fn one_request_can_recall_and_correct_or_correct_and_queue() {
    let api = Api::start().await;
    for state in [&IN_WARTESCHLANGE, &FEHLGESCHLAGEN] {
        let email = api.create_in(state).await;
        let recall = json!({"status": "Entwurf", "empfaenger_email": "neu@example.org"});
        let draft = api.put(&email, recall).await.expect(200).body;
        assert_eq!(draft["empfaenger_email"], "neu@example.org");
        let queue = json!({"status": "In_Warteschlange", "betreff": "Neu"});
        let queued = api.put(&email, queue).await.expect(200).body;
        assert_eq!(
            (&queued["betreff"], &queued["status"]),
            (&json!("Neu"), &json!("In_Warteschlange"))
        );
    }
    let email = api.create_in(&WIRD_GESENDET).await;
    let answer = api
        .put(&email, json!({"status": "Entwurf", "betreff": "Neu"}))
        .await;
    assert_problem(&answer, 409, "'Wird_gesendet' to 'Entwurf'");
}

#[tokio::test]
async fn a_failed_email_sent_back_whole_with_a_new_state_is_sent_again() {
    let api = Api::start().await;
    for state in [&FEHLGESCHLAGEN, &IN_DOUBT] {
        let mut email = api.create_in(state).await;
        email["status"] = json!("In_Warteschlange");
        let queued = api.put(&email, email.clone()).await.expect(200).body;
        assert_eq!(queued["fehlermeldung"], Value::Null);
        assert_eq!(queued["status"], "In_Warteschlange");
    }
}

#[tokio::test]
async fn an_email_that_was_recalled_in_time_is_not_sent() {
    let world = World::without_kafka().await;
    let world = world.set("COMM__EMAIL_QUEUE__UNDO_SECONDS", "3600");
    let api = Api::serving(world, &[]).await;
    let queued = json!({"status": "In_Warteschlange"});
    let recalled = api.create(queued.clone()).await;
    let sent = api.create(queued.clone()).await;
    let answer = api
        .put(&recalled, json!({"status": "Entwurf"}))
        .await
        .expect(200);
    assert_eq!(answer.body["status"], "Entwurf");
    // An hour passes; the third email wakes the worker.
    let hour =
        "UPDATE communication_service.emails SET faellig_am = faellig_am - interval '1 hour'";
    api.world.execute(hour).await;
    let waiting = api.create(queued).await;
    api.client
        .wait_for_status(sent["id"].as_i64().unwrap(), "Gesendet")
        .await;
    assert_eq!(api.get(&recalled).await["status"], "Entwurf");
    assert_eq!(api.get(&waiting).await["status"], "In_Warteschlange");
    assert_eq!(api.world.smtp.count(), 1);
}

#[tokio::test]
async fn nothing_is_sent_before_it_may_be() {
    let api = Api::serving(World::without_kafka().await, &[]).await;
    let later =
        json!({"status": "In_Warteschlange", "senden_ab": "2999-01-01T00:00:00Z", "prioritaet": 0});
    let later = api.create(later).await;
    let now = json!({"status": "In_Warteschlange", "senden_ab": "2020-01-01T00:00:00Z"});
    let now = api.create(now).await;
    api.client
        .wait_for_status(now["id"].as_i64().unwrap(), "Gesendet")
        .await;
    assert_eq!(api.get(&later).await["status"], "In_Warteschlange");
    assert_eq!(api.world.smtp.count(), 1);
}

#[tokio::test]
async fn an_email_is_reported_as_sent_or_answered_once() {
    let api = Api::start().await;
    let email = api.create(json!({})).await;
    for _ in 0..2 {
        api.put(
            &email,
            json!({"status": "Gesendet", "antwort_erhalten": true}),
        )
        .await
        .expect(200);
    }
    let events = "SELECT count(*) FROM communication_service.outbox \
         WHERE event_type IN ('email.sent', 'email.response_received')";
    assert_eq!(api.world.number(events).await, 2);
}
