//! A service for one test, without Kafka: no answer of the API depends on it.

use comm_tests::{Answer, Client, Service, World, email, eventually};
use reqwest::Method;
use serde_json::Value;

/// A service with everything around it. A field is dropped before those below it.
pub(crate) struct Api {
    pub(crate) service: Service,
    pub(crate) client: Client,
    pub(crate) world: World,
}

impl Api {
    /// Serves and sends nothing: an email stays in the state that the test gives it.
    pub(crate) async fn start() -> Self {
        Self::serving(World::without_kafka().await, &["--no-worker"]).await
    }

    /// Serves in a world with settings of its own.
    pub(crate) async fn serving(world: World, flags: &[&str]) -> Self {
        let service = world.start_with(flags).await;
        Self {
            client: service.client.clone(),
            service,
            world,
        }
    }

    /// A new email with these fields.
    pub(crate) async fn create(&self, changes: Value) -> Value {
        let answer = self.client.post("/api/emails", &email(changes)).await;
        answer.expect(201).body
    }

    /// What a `POST` with these fields, `null` included, is answered.
    pub(crate) async fn post(&self, fields: Value) -> Answer {
        let mut body = email(Value::Null);
        if let (Value::Object(body), Value::Object(fields)) = (&mut body, fields) {
            body.extend(fields);
        }
        self.client.post("/api/emails", &body).await
    }

    /// What a `POST` of these bytes is answered.
    pub(crate) async fn post_bytes(&self, body: impl Into<reqwest::Body>) -> Answer {
        self.send(Method::POST, "/api/emails", body).await
    }

    /// What these bytes, said to be JSON, are answered.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let body = body.into();
        let sent = self.client.send(method, path, |request| {
            request
                .header("content-type", "application/json")
                .body(body)
        });
        sent.await.unwrap()
    }

    /// The email as it is answered now.
    pub(crate) async fn get(&self, email: &Value) -> Value {
        self.client.get(&path(email)).await.expect(200).body
    }

    /// What a `PUT` of these fields is answered.
    pub(crate) async fn put(&self, email: &Value, fields: Value) -> Answer {
        self.client.put(&path(email), &fields).await
    }

    /// How many emails are stored, hidden ones included.
    pub(crate) async fn rows(&self) -> i64 {
        let sql = "SELECT count(*) FROM communication_service.emails";
        self.world.number(sql).await
    }

    /// Waits until a statement of the service waits for a lock.
    pub(crate) async fn until_something_waits_for_a_lock(&self) {
        eventually("a statement waits for a lock", || async {
            let waiting = "SELECT count(*) FROM pg_stat_activity \
                 WHERE datname = current_database() AND wait_event_type = 'Lock'";
            (self.world.number(waiting).await == 1).then_some(())
        })
        .await;
    }

    /// A new email in this state.
    pub(crate) async fn create_in(&self, state: &State) -> Value {
        let email = self.create(Value::Null).await;
        let sql = format!(
            "UPDATE communication_service.emails SET {} WHERE id = {}",
            state.columns, email["id"]
        );
        self.world.execute(&sql).await;
        self.get(&email).await
    }
}

/// Where the email can be read and changed.
pub(crate) fn path(email: &Value) -> String {
    format!("/api/emails/{}", email["id"])
}

/// Fails unless the answer is a problem with this status and a sentence that contains the words.
pub(crate) fn assert_problem(answer: &Answer, status: u16, words: &str) {
    let Answer { body, .. } = answer;
    assert_eq!(answer.status, status, "{body}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(body["status"], status);
    assert_eq!(body["detail"], body["message"]);
    assert!(body["type"].is_string() && body["title"].is_string());
    assert!(
        answer.message().contains(words),
        "{words:?} is not in {:?}",
        answer.message()
    );
}

/// A state, and the columns that put an email into it past the service.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) name: &'static str,
    columns: &'static str,
}

pub(crate) const ENTWURF: State = State {
    name: "Entwurf",
    columns: "status = 'Entwurf'",
};
pub(crate) const IN_WARTESCHLANGE: State = State {
    name: "In_Warteschlange",
    columns: "status = 'In_Warteschlange', faellig_am = now(), in_warteschlange_am = now()",
};
pub(crate) const WIRD_GESENDET: State = State {
    name: "Wird_gesendet",
    columns: "status = 'Wird_gesendet', in_warteschlange_am = now(), versucht_am = now(), \
         sperre = gen_random_uuid(), gesperrt_bis = now() + interval '1 hour'",
};
pub(crate) const GESENDET: State = State {
    name: "Gesendet",
    columns: "status = 'Gesendet', in_warteschlange_am = now(), gesendet_am = now(), \
         versucht_am = now()",
};
pub(crate) const FEHLGESCHLAGEN: State = State {
    name: "Fehlgeschlagen",
    columns: "status = 'Fehlgeschlagen', fehlerart = 'endgueltig', wiederholungsanzahl = 1, \
         fehlermeldung = 'Die Adresse wurde abgelehnt.', versucht_am = now(), \
         naechster_versuch_am = '2026-01-31T09:15:00Z'",
};
/// `Fehlgeschlagen`, and nobody knows whether it arrived.
pub(crate) const IN_DOUBT: State = State {
    name: "Fehlgeschlagen",
    columns: "status = 'Fehlgeschlagen', fehlerart = 'ausgang_unklar', wiederholungsanzahl = 1, \
         fehlermeldung = 'Die Antwort fehlt.', versucht_am = '2026-01-31T09:15:00Z'",
};
pub(crate) const STATES: [&State; 6] = [
    &ENTWURF,
    &IN_WARTESCHLANGE,
    &WIRD_GESENDET,
    &GESENDET,
    &FEHLGESCHLAGEN,
    &IN_DOUBT,
];
