//! `POST /api/emails/bulk`: up to a thousand emails, all or none.

use crate::setup::{Api, assert_problem};
use comm_tests::{Answer, World, email};
use reqwest::Method;
use serde_json::{Value, json};

const BULK: &str = "/api/emails/bulk";

async fn post(api: &Api, emails: &[Value]) -> Answer {
    api.client.post(BULK, &json!({"emails": emails})).await
}

fn many(count: usize) -> Vec<Value> {
    (0..count)
        .map(|n| email(json!({"betreff": format!("Nummer {n}")})))
        .collect()
}

async fn nothing_is_stored(api: &Api) {
    assert_eq!(api.rows().await, 0);
    let events = "SELECT count(*) FROM communication_service.outbox";
    assert_eq!(api.world.number(events).await, 0);
}

#[tokio::test]
async fn each_email_is_answered_as_it_can_be_read_in_the_order_of_the_request() {
    let api = Api::start().await;
    let emails = [
        email(
            json!({"betreff": "erste", "prioritaet": 0, "senden_ab": "2999-01-01T00:00:00Z", "status": "In_Warteschlange"}),
        ),
        email(
            json!({"betreff": "zweite", "therapist_id": 0, "patient_id": 8, "absender_name": "Eva", "therapeutenanfrage_id": 3}),
        ),
        email(
            json!({"betreff": "dritte", "inhalt_markdown": null, "inhalt_text": "nur Text", "add_legal_footer": false, "farbe": "rot"}),
        ),
    ];
    let answer = post(&api, &emails).await.expect(201);
    let data = answer.body["data"].as_array().unwrap();
    let subjects: Vec<_> = data.iter().map(|email| &email["betreff"]).collect();
    assert_eq!(subjects, ["erste", "zweite", "dritte"]);
    for (email, id) in data.iter().zip(1..) {
        assert_eq!(email["id"], id);
        assert_eq!(&api.get(email).await, email);
    }
    assert_eq!(
        (&data[0]["prioritaet"], &data[0]["status"]),
        (&json!(0), &json!("In_Warteschlange"))
    );
    assert_eq!(
        (&data[1]["therapist_id"], &data[1]["patient_id"]),
        (&Value::Null, &json!(8))
    );
    assert_eq!(data[2]["inhalt_text"], "nur Text");
    let waiting = "SELECT count(*) FROM communication_service.emails WHERE faellig_am = '2999-01-01T00:00:00Z' AND rang = 0";
    assert_eq!(api.world.number(waiting).await, 1);
    let events = "SELECT count(*) FROM communication_service.outbox WHERE event_type = 'communication.email_created' AND sequence = 1";
    assert_eq!(api.world.number(events).await, 3);
    // What one email is answered, and nothing that only several have.
    let single = api.create(json!({})).await;
    let names = |email: &Value| {
        email
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&single), names(&data[0]));
}

#[tokio::test]
async fn what_was_queued_is_sent() {
    let world = World::without_kafka().await;
    let api = Api::serving(world, &[]).await;
    let queued = vec![email(json!({"status": "In_Warteschlange"})); 30];
    post(&api, &queued).await.expect(201);
    let mails = api
        .world
        .smtp
        .wait_for(30, comm_tests::PATIENCE)
        .await
        .unwrap();
    assert_eq!(mails.len(), 30);
    api.client.wait_for_status(30, "Gesendet").await;
}

#[tokio::test]
async fn a_thousand_are_stored_and_one_more_is_too_many() {
    let api = Api::start().await;
    let mut emails = many(1001);
    emails[500] = json!({"betreff": 5});
    let answer = post(&api, &emails).await;
    assert_problem(&answer, 400, "emails must be a list of at most 1000 emails");
    assert!(answer.body.get("index").is_none());
    nothing_is_stored(&api).await;
    let answer = post(&api, &many(1000)).await.expect(201);
    assert_eq!(answer.body["data"].as_array().unwrap().len(), 1000);
    assert_eq!(answer.body["data"][999]["betreff"], "Nummer 999");
    assert_eq!(api.rows().await, 1000);
    assert_eq!(post(&api, &[]).await.expect(201).body, json!({"data": []}));
}

#[tokio::test]
async fn one_that_is_wrong_is_named_by_its_place_and_none_is_stored() {
    let api = Api::start().await;
    let wrong = [
        (json!({"betreff": null}), 400, "betreff is required"),
        (json!({"betreff": 5}), 400, "betreff must be a string"),
        (
            json!({"therapist_id": null}),
            400,
            "Either therapist_id or patient_id is required",
        ),
        (
            json!({"patient_id": 8}),
            400,
            "Cannot specify both therapist_id and patient_id",
        ),
        (
            json!({"inhalt_markdown": null}),
            400,
            "Either inhalt_html, inhalt_text, or inhalt_markdown is required",
        ),
        (
            json!({"status": "Gesendet"}),
            400,
            "Invalid status. Only 'Entwurf' or 'In_Warteschlange' allowed",
        ),
        (
            json!({"empfaenger_email": "a@b, c@d"}),
            400,
            "empfaenger_email must be exactly one valid email address",
        ),
        (
            json!({"inhalt_text": "x".repeat(512 * 1024 + 1)}),
            413,
            "inhalt_text is too large",
        ),
    ];
    for (fields, status, words) in wrong {
        let mut emails = many(1000);
        emails[499] = email(fields);
        let answer = post(&api, &emails).await;
        assert_problem(&answer, status, words);
        assert_eq!(answer.body["index"], 499, "{words}");
    }
    for (index, entry) in [
        (0, json!(null)),
        (1, json!("x")),
        (2, json!([])),
        (3, json!(5)),
    ] {
        let mut emails = many(4);
        emails[index] = entry;
        let answer = post(&api, &emails).await;
        assert_problem(&answer, 400, "emails must be a list of JSON objects");
        assert_eq!(answer.body["index"], index);
    }
    nothing_is_stored(&api).await;
    // A single email has no place.
    let single = api.post(json!({"betreff": null})).await;
    assert!(single.body.get("index").is_none());
}

#[tokio::test]
async fn what_is_no_list_of_emails_is_refused() {
    let api = Api::start().await;
    let bodies = [
        ("{}", "emails is required"),
        ("{\"emails\": null}", "emails is required"),
        ("{\"emails\": {}}", "emails must be a list"),
        ("{\"emails\": \"x\"}", "emails must be a list"),
        ("[]", "must be a JSON object"),
        ("{\"emails\": [{]}", "JSON"),
        ("{\"emails\": [{}", "JSON"),
        ("", "must be a JSON object"),
    ];
    for (body, words) in bodies {
        let answer = api.send(Method::POST, BULK, body).await;
        assert_problem(&answer, 400, words);
    }
    let plain = api.client.send(Method::POST, BULK, |request| {
        request.body("{\"emails\": []}")
    });
    assert_problem(&plain.await.unwrap(), 415, "Content-Type");
    assert_problem(&api.client.get(BULK).await, 405, "POST");
    nothing_is_stored(&api).await;
}

#[tokio::test]
async fn a_storage_error_in_the_middle_leaves_nothing_behind() {
    let api = Api::start().await;
    let refuse = "ALTER TABLE communication_service.emails ADD CONSTRAINT kein_x CHECK (betreff <> 'Nummer 777')";
    api.world.execute(refuse).await;
    let answer = post(&api, &many(1000)).await;
    assert_eq!(answer.status, 500);
    nothing_is_stored(&api).await;
}

#[tokio::test]
async fn a_request_may_have_32_mib_and_costs_a_bounded_amount_of_memory() {
    let api = Api::start().await;
    post(&api, &many(10)).await.expect(201);
    let before = api.service.peak_megabytes();
    let too_large = format!(
        "{{\"emails\": [], \"x\": \"{}\"}}",
        "a".repeat(32 * 1024 * 1024)
    );
    assert_problem(
        &api.send(Method::POST, BULK, too_large).await,
        413,
        "at most 33554432 bytes",
    );
    // Millions of entries that are next to nothing, then entries that nobody can read.
    for entry in ["{},", "0,", "[[[[[[[[],0],0],0],0],0],0],0],"] {
        let count = 31 * 1024 * 1024 / entry.len();
        let body = format!("{{\"emails\": [{}{{}}]}}", entry.repeat(count));
        let answer = api.send(Method::POST, BULK, body).await;
        assert_problem(&answer, 400, "emails must be a list of at most 1000 emails");
    }
    let grown = api.service.peak_megabytes() - before;
    assert!(grown < 130.0, "the service grew by {grown} MB");
    assert_eq!(api.rows().await, 10);
}

#[tokio::test]
async fn a_bulk_request_may_be_repeated_by_its_key() {
    let api = Api::start().await;
    let keyed = |emails: Vec<Value>| {
        api.client.send(Method::POST, BULK, move |request| {
            request
                .header("idempotency-key", "k")
                .json(&json!({"emails": emails}))
        })
    };
    let mut wrong = many(3);
    wrong[2] = json!({});
    let refused = keyed(wrong).await.unwrap();
    assert_problem(
        &refused,
        400,
        "Either therapist_id or patient_id is required",
    );
    assert_eq!(refused.body["index"], 2);
    let first = keyed(many(3)).await.unwrap().expect(201);
    let again = keyed(many(3)).await.unwrap().expect(201);
    assert_eq!(again.body, first.body);
    assert_problem(&keyed(many(2)).await.unwrap(), 409, "Idempotency-Key");
    // The key belongs to the path: a single email is another request.
    let single = api.client.send(Method::POST, "/api/emails", |request| {
        request
            .header("idempotency-key", "k")
            .json(&email(json!({})))
    });
    single.await.unwrap().expect(201);
    assert_eq!(api.rows().await, 4);
}
