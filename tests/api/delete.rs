//! `DELETE /api/emails/{id}`.

use crate::setup::{Api, GESENDET, IN_DOUBT, STATES, State, WIRD_GESENDET, assert_problem, path};
use serde_json::{Value, json};

#[tokio::test]
async fn what_never_left_is_removed_and_everything_else_hidden() {
    let api = Api::start().await;
    let mut rows = 0;
    for state in STATES
        .into_iter()
        .filter(|state| state.name != WIRD_GESENDET.name)
    {
        let email = api.create_in(state).await;
        let answer = api.client.delete(&path(&email)).await.expect(200);
        assert_eq!(
            answer.body,
            json!({"message": "Email deleted successfully"})
        );
        rows += i64::from(is(state, &GESENDET) || is(state, &IN_DOUBT));
        assert_eq!(api.rows().await, rows, "{state:?}");
        assert_gone(&api, &email).await;
    }
    assert_eq!(rows, 2);
    let events = "SELECT count(*) FROM communication_service.outbox \
         WHERE event_type = 'communication.email_deleted'";
    assert_eq!(api.world.number(events).await, 5);
}

fn is(state: &State, other: &State) -> bool {
    std::ptr::eq(state, other)
}

async fn assert_gone(api: &Api, email: &Value) {
    let answers = [
        api.client.get(&path(email)).await,
        api.put(email, json!({"antwortinhalt": "x"})).await,
        api.client.delete(&path(email)).await,
    ];
    for answer in &answers {
        assert_problem(answer, 404, "Email not found");
    }
    for query in [
        "",
        "?therapist_id=7",
        "?status=Gesendet",
        "?fehlerart=ausgang_unklar",
    ] {
        let list = api
            .client
            .get(&format!("/api/emails{query}"))
            .await
            .expect(200)
            .body;
        assert_eq!(
            (&list["data"], &list["total"]),
            (&json!([]), &json!(0)),
            "{query}"
        );
    }
}

#[tokio::test]
async fn an_email_that_is_under_way_cannot_be_deleted() {
    let api = Api::start().await;
    let email = api.create_in(&WIRD_GESENDET).await;
    let answer = api.client.delete(&path(&email)).await;
    assert_problem(&answer, 409, "Wird_gesendet");
    assert_eq!(api.get(&email).await, email);
}

#[tokio::test]
async fn an_email_that_was_sent_by_hand_is_hidden() {
    let api = Api::start().await;
    let email = api.create(json!({"therapist_id": 31})).await;
    api.put(&email, json!({"status": "Gesendet"}))
        .await
        .expect(200);
    api.client.delete(&path(&email)).await.expect(200);
    let known = "SELECT count(*) FROM communication_service.emails WHERE therapist_id = 31 AND geloescht_am IS NOT NULL";
    assert_eq!(api.world.number(known).await, 1);
}
