//! A run of the follow-ups is killed at each of its statements, before and after it, and begins anew: nothing is
//! followed up twice, and nobody is forgotten.

use crate::followups::{change, impatient, run, sent, start_ahead, until_mid_morning};
use comm_devkit::postgres::{Side, Tripwire};
use comm_tests::{Client, Service, World, eventually};
use serde_json::{Value, json};
use std::sync::Arc;

/// Whose mails were all answered: with them, a run takes two transactions.
const ANSWERED: std::ops::RangeInclusive<i64> = 11..=60;
/// A run has two transactions of ten statements and more.
const AT_LEAST: usize = 30;

/// Everything that a run may change, without ids of calls.
const STATE: &str = "SELECT string_agg(line, E'\\n' ORDER BY line) FROM ( \
     SELECT format('mail %s: %s %s, call of %s on %s %s', nach.email_id, entscheidung, grund, \
         therapist_id, geplantes_datum, geplante_zeit) AS line \
       FROM communication_service.nachverfolgungen AS nach \
       LEFT JOIN communication_service.telefonanrufe AS anruf ON anruf.id = nach.telefonanruf_id \
     UNION ALL \
     SELECT format('call of %s on %s %s, %s min: %s, attempt %s, bundle %s, mails %s, events %s', \
         therapist_id, geplantes_datum, geplante_zeit, dauer_minuten, status, versuch, therapeutenanfrage_id, \
         (SELECT array_agg(email_id ORDER BY email_id) FROM communication_service.telefonanruf_emails \
           WHERE telefonanruf_id = anruf.id), \
         (SELECT array_agg(sequence || ' ' || event_type ORDER BY sequence) FROM communication_service.outbox \
           WHERE aggregate = 'telefonanruf' AND aggregate_id = anruf.id)) \
       FROM communication_service.telefonanrufe AS anruf) AS lines";

/// What there was before any run.
struct Before {
    last_call: i64,
    last_event: i64,
}

impl Before {
    async fn of(world: &World) -> Self {
        let calls = "SELECT max(id) FROM communication_service.telefonanrufe";
        let events = "SELECT max(id) FROM communication_service.outbox";
        Self {
            last_call: world.number(calls).await,
            last_event: world.number(events).await,
        }
    }

    /// Undoes what runs have done.
    async fn restore(&self, world: &World) {
        let Self {
            last_call,
            last_event,
        } = self;
        // No mail was planned into a call yet.
        let undo = format!(
            "DELETE FROM communication_service.nachverfolgungen; \
             DELETE FROM communication_service.telefonanruf_emails; \
             DELETE FROM communication_service.telefonanrufe WHERE id > {last_call}; \
             DELETE FROM communication_service.outbox WHERE id > {last_event}"
        );
        world.execute(&undo).await;
    }
}

/// 30 mails to ten therapists in all the ways that a run tells apart, and others between them.
async fn mails(client: &Client) {
    for therapist in 1..=5 {
        mails_to(client, therapist).await;
    }
    for therapist in ANSWERED {
        let answered = sent(client, therapist).await;
        change(client, answered, json!({"antwort_erhalten": true})).await;
    }
    for therapist in 6..=10 {
        mails_to(client, therapist).await;
    }
}

async fn mails_to(client: &Client, therapist: i64) {
    let hours = json!({"mo": ["09:00-10:00"]});
    let path = format!("/api/therapists/{therapist}/erreichbarkeit");
    client.put(&path, &hours).await.expect(200);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(sent(client, therapist).await);
    }
    match therapist {
        2 => change(client, ids[1], json!({"antwort_erhalten": true})).await,
        3 => {
            change(
                client,
                ids[0],
                json!({"nachverfolgung_erforderlich": false}),
            )
            .await
        }
        4 | 8 => planned(client, therapist).await,
        5 => {
            for id in ids {
                change(client, id, json!({"antwort_erhalten": true})).await;
            }
        }
        6 => {
            let refused = json!({"antwort_erhalten": true, "antwort_art": "abgelehnt"});
            change(client, ids[2], refused).await;
        }
        7 => spoken_to(client, therapist).await,
        10 => {
            let path = format!("/api/emails/{}", ids[0]);
            client.delete(&path).await.expect(200);
        }
        _ => {}
    }
}

async fn planned(client: &Client, therapist: i64) {
    let body = json!({"therapist_id": therapist});
    client.post("/api/phone-calls", &body).await.expect(201);
}

async fn spoken_to(client: &Client, therapist: i64) {
    let body = json!({
        "therapist_id": therapist,
        "status": "abgeschlossen",
        "ergebnis_art": "sonstiges",
        "tatsaechliche_zeit": "23:55",
    });
    client.post("/api/phone-calls", &body).await.expect(201);
}

/// Once the dead process's session is gone.
async fn run_to_its_end(client: &Client) -> Value {
    eventually("the follow-ups run", || async {
        let answer = run(client).await;
        (answer.status != 409).then(|| answer.expect(200).body)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_at_any_of_its_statements_is_made_up_for_by_the_next() {
    let world = impatient(World::without_kafka().await);
    let wire = Tripwire::before(&world.database.url()).await.unwrap();
    let url = wire.url(&world.database.url());
    let world = world.set("DATABASE_URL", &url);
    let ahead = until_mid_morning(&world).await;
    let start = || async { Arc::new(start_ahead(&world, ahead, &["--no-worker"]).await) };
    let mut service = start().await;
    mails(&service.client).await;
    let before = Before::of(&world).await;
    let undisturbed = run_to_its_end(&service.client).await;
    let counts = &undisturbed["zusammenfassung"];
    assert_eq!(counts["geplant"], 5, "{counts}");
    let expected = world.text(STATE).await;

    let (mut nth, mut kills) = (0, 0);
    'statements: loop {
        nth += 1;
        for side in [Side::Before, Side::After] {
            before.restore(&world).await;
            let target = Arc::clone(&service);
            wire.arm(nth, side, move || target.end_now());
            if !is_killed(&service).await {
                break 'statements;
            }
            kills += 1;
            service = start().await;
            run_to_its_end(&service.client).await;
            let state = world.text(STATE).await;
            assert_eq!(state, expected, "killed {side:?} statement {nth}");
        }
    }
    let statements = wire.disarm();
    println!("{kills} kills at the statements of a run; it has {statements}");
    assert!(nth > AT_LEAST, "a run of {statements} statements");
    assert_eq!(world.text(STATE).await, expected);
}

/// Whether the process dies of a run, which else must have come to its end.
async fn is_killed(service: &Service) -> bool {
    let client = &service.client;
    let answer = client.send(reqwest::Method::POST, "/api/follow-ups/run", |request| {
        request
    });
    match answer.await {
        Ok(answer) => {
            answer.expect(200);
            false
        }
        Err(_) => {
            service.ended().await;
            true
        }
    }
}
