//! The Patient Service is told when an email to a patient becomes `Gesendet` (contract, 'Email', last
//! point).

use crate::setup::{Api, GESENDET, IN_DOUBT, path};
use comm_tests::{DirectoryServer, Reply, World, eventually};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const OWED: &str =
    "SELECT count(*) FROM communication_service.kontaktmeldungen WHERE faellig_am IS NOT NULL";
const ROWS: &str = "SELECT count(*) FROM communication_service.kontaktmeldungen";
/// The day of the staff, by the database's clock.
const TODAY: &str = "SELECT to_char(now() AT TIME ZONE 'Europe/Berlin', 'YYYYMMDD')::bigint";

async fn api(directory: &DirectoryServer, flags: &[&str]) -> Api {
    let world = World::without_kafka().await;
    let world = world.set("PATIENT_SERVICE_URL", &directory.url());
    Api::serving(world, flags).await
}

impl Api {
    /// A draft to patient 3.
    async fn draft(&self) -> Value {
        self.create(json!({"therapist_id": null, "patient_id": 3}))
            .await
    }

    async fn mark_as_sent(&self, email: &Value) -> Duration {
        let begun = Instant::now();
        let answer = self.put(email, json!({"status": "Gesendet"})).await;
        assert_eq!(answer.expect(200).body["status"], "Gesendet");
        begun.elapsed()
    }

    async fn until_nothing_is_owed(&self) {
        eventually("nothing is owed", || async {
            (self.world.number(OWED).await == 0).then_some(())
        })
        .await;
    }

    async fn assert_told_today(&self, directory: &DirectoryServer, times: usize) {
        let requests = directory.requests();
        assert_eq!(requests.len(), times, "{requests:?}");
        let today = self.world.number(TODAY).await;
        for request in requests {
            assert_eq!(request.route, "PATCH /api/patients/3/last-contact");
            let date = request.body["date"].as_str().unwrap().replace('-', "");
            assert_eq!(date, today.to_string());
            assert_eq!(request.body.as_object().unwrap().len(), 1);
        }
    }
}

#[tokio::test]
async fn by_hand_it_is_told_before_the_answer() {
    let directory = DirectoryServer::start().await;
    let api = api(&directory, &["--no-worker"]).await;
    let email = api.draft().await;
    api.mark_as_sent(&email).await;
    api.assert_told_today(&directory, 1).await;
    api.until_nothing_is_owed().await;
    // Later changes are no contact.
    api.put(
        &email,
        json!({"antwort_erhalten": true, "status": "Gesendet"}),
    )
    .await
    .expect(200);
    assert_eq!(directory.requests().len(), 1);
}

#[tokio::test]
async fn by_the_queue_it_is_told_soon() {
    let directory = DirectoryServer::start().await;
    let api = api(&directory, &[]).await;
    let email = json!({"therapist_id": null, "patient_id": 3, "status": "In_Warteschlange"});
    let id = api.create(email).await["id"].as_i64().unwrap();
    api.client.wait_for_status(id, "Gesendet").await;
    directory.wait_for(1).await;
    api.until_nothing_is_owed().await;
    api.assert_told_today(&directory, 1).await;
}

#[tokio::test]
async fn therapists_and_mails_that_were_not_sent_are_no_contact() {
    let directory = DirectoryServer::start().await;
    let api = api(&directory, &["--no-worker"]).await;
    let to_therapist = api.create(json!({})).await;
    api.mark_as_sent(&to_therapist).await;
    let draft = api.draft().await;
    for status in ["In_Warteschlange", "Entwurf"] {
        api.put(&draft, json!({"status": status})).await.expect(200);
    }
    api.client.delete(&path(&draft)).await.expect(200);
    assert_eq!(
        (directory.requests().len(), api.world.number(ROWS).await),
        (0, 0)
    );
}

#[tokio::test]
async fn without_a_patient_service_there_is_no_duty() {
    let api = Api::serving(World::without_kafka().await, &[]).await;
    let email = api.draft().await;
    api.mark_as_sent(&email).await;
    assert_eq!(api.world.number(ROWS).await, 0);
}

#[tokio::test]
async fn a_slow_service_delays_an_answer_by_two_seconds_at_most_and_holds_no_connection() {
    let directory = DirectoryServer::answering(|_| Reply::Hang).await;
    let world = World::without_kafka()
        .await
        .set("PATIENT_SERVICE_URL", &directory.url())
        .set("COMM__DATABASE__POOL_SIZE", "1");
    let api = Api::serving(world, &["--no-worker"]).await;
    let email = api.draft().await;
    let (client, put) = (api.client.clone(), path(&email));
    let waiting = tokio::spawn(async move {
        let begun = Instant::now();
        let answer = client.put(&put, &json!({"status": "Gesendet"})).await;
        (answer.expect(200).body, begun.elapsed())
    });
    directory.wait_for(1).await;
    let begun = Instant::now();
    assert_eq!(
        api.get(&email).await["status"],
        "Gesendet",
        "it is committed"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "the one connection is free"
    );
    let (body, took) = waiting.await.unwrap();
    assert_eq!(body["status"], "Gesendet");
    assert!(
        took > Duration::from_millis(1500),
        "it was waited for: {took:?}"
    );
    assert!(took < Duration::from_millis(2900), "{took:?}");
    assert_eq!(api.world.number(OWED).await, 1);
}

#[tokio::test]
async fn what_did_not_get_through_is_told_later() {
    let failures = [
        Reply::Status(500),
        Reply::Status(429),
        Reply::Nonsense,
        Reply::Gone,
    ];
    for failure in failures {
        let shown = format!("{failure:?}");
        let directory = DirectoryServer::answering(move |request| match request.nth {
            1 => failure.clone(),
            _ => Reply::Status(204),
        })
        .await;
        let api = api(&directory, &[]).await;
        let email = api.draft().await;
        let took = api.mark_as_sent(&email).await;
        assert!(took < Duration::from_millis(2900), "{shown}: {took:?}");
        directory.wait_for(2).await;
        api.until_nothing_is_owed().await;
        api.assert_told_today(&directory, 2).await;
    }
}

#[tokio::test]
async fn a_refusal_ends_the_duty_and_is_logged_without_the_patient() {
    let directory = DirectoryServer::answering(|_| Reply::Status(404)).await;
    let world = World::without_kafka().await;
    let world = world.set("PATIENT_SERVICE_URL", &directory.url());
    let api = Api::serving(world, &[]).await;
    let email = api
        .create(json!({"therapist_id": null, "patient_id": 471_123}))
        .await;
    api.mark_as_sent(&email).await;
    api.until_nothing_is_owed().await;
    assert_eq!(directory.requests().len(), 1);
    let log = api.service.log();
    assert!(log.contains("refuses to be told of a last contact") && log.contains("404"));
    assert!(!log.contains("471123"), "the log names the patient");
}

#[tokio::test]
async fn a_contact_that_becomes_known_later_never_moves_the_day_back() {
    let directory = DirectoryServer::start().await;
    let api = api(&directory, &["--no-worker"]).await;
    // In doubt since 2026-01-31; it is told where nothing later is known.
    let mut doubted = Vec::new();
    for _ in 0..2 {
        let email = api.create_in(&IN_DOUBT).await;
        let to_patient = format!(
            "UPDATE communication_service.emails SET therapist_id = NULL, patient_id = 3 WHERE id = {}",
            email["id"]
        );
        api.world.execute(&to_patient).await;
        doubted.push(email);
    }
    api.mark_as_sent(&doubted[0]).await;
    assert_eq!(directory.requests()[0].body["date"], "2026-01-31");
    let today = api.draft().await;
    api.mark_as_sent(&today).await;
    assert_eq!(directory.requests().len(), 2);
    api.mark_as_sent(&doubted[1]).await;
    assert_eq!(directory.requests().len(), 2, "the day is not moved back");
    assert_eq!(api.get(&doubted[1]).await["status"], GESENDET.name);
    assert_eq!(
        (api.world.number(ROWS).await, api.world.number(OWED).await),
        (1, 0)
    );
}
