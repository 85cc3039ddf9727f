//! Telling the Patient Service of a last contact.

use chrono::NaiveDate;
use comm_clients::{PatientClient, ServicesConfig};
use comm_domain::outreach::LetzterKontakt;
use comm_ports::{DirectoryError, PatientDirectory};
use comm_tests::{DirectoryServer, Reply};
use serde_json::json;
use std::error::Error;
use std::time::{Duration, Instant};

fn client(url: &str) -> PatientClient {
    let config = ServicesConfig {
        patient_service_url: url.to_owned(),
        ..ServicesConfig::default()
    };
    PatientClient::new(&config).unwrap().unwrap()
}

async fn tell(client: &PatientClient) -> Result<(), DirectoryError> {
    let contact = LetzterKontakt {
        patient_id: 4711,
        datum: NaiveDate::from_ymd_opt(2026, 1, 31).unwrap(),
    };
    client.tell_last_contact(contact).await
}

#[tokio::test]
async fn the_date_arrives_as_the_contract_says_over_one_connection() {
    let server = DirectoryServer::start().await;
    for base in [server.url(), format!("{}/", server.url())] {
        let client = client(&base);
        let before = server.connections();
        for _ in 0..5 {
            tell(&client).await.unwrap();
        }
        assert_eq!(server.connections() - before, 1);
    }
    for request in server.requests() {
        assert_eq!(request.route, "PATCH /api/patients/4711/last-contact");
        assert_eq!(request.body, json!({"date": "2026-01-31"}));
    }
    let behind_a_proxy = client(&format!("{}/platform/patients", server.url()));
    tell(&behind_a_proxy).await.unwrap();
    let last = server.requests().pop().unwrap();
    assert_eq!(
        last.route,
        "PATCH /platform/patients/api/patients/4711/last-contact"
    );
}

#[tokio::test]
async fn every_success_counts_and_every_other_answer_is_a_no_or_a_not_yet() {
    let server = DirectoryServer::start().await;
    let client = client(&server.url());
    let mut answered = Vec::new();
    for status in [
        200, 201, 204, 301, 400, 401, 404, 408, 410, 422, 429, 500, 502, 503,
    ] {
        server.now_answers(move |_| Reply::Status(status));
        answered.push(match tell(&client).await {
            Ok(()) => (status, "yes"),
            Err(DirectoryError::Refused(_)) => (status, "no"),
            Err(DirectoryError::Unavailable(_)) => (status, "later"),
        });
    }
    let later = [301, 408, 429, 500, 502, 503];
    for (status, verdict) in answered {
        let expected = match status {
            200..=299 => "yes",
            _ if later.contains(&status) => "later",
            _ => "no",
        };
        assert_eq!(verdict, expected, "{status}");
    }
}

#[tokio::test]
async fn a_service_that_hangs_drops_or_talks_nonsense_is_away_for_two_seconds_at_most() {
    let server = DirectoryServer::start().await;
    let client = client(&server.url());
    for reply in [
        Reply::Gone,
        Reply::Nonsense,
        Reply::Hang,
        Reply::Slow(Duration::from_secs(30), 200),
    ] {
        let shown = format!("{reply:?}");
        server.now_answers(move |_| reply.clone());
        let begun = Instant::now();
        let refused = tell(&client).await.unwrap_err();
        assert!(matches!(refused, DirectoryError::Unavailable(_)), "{shown}");
        assert!(begun.elapsed() < Duration::from_millis(2900), "{shown}");
    }
    server.now_answers(|_| Reply::Slow(Duration::from_millis(300), 200));
    tell(&client).await.unwrap();
}

#[tokio::test]
async fn a_failure_names_neither_the_patient_nor_the_address() {
    let server = DirectoryServer::start().await;
    let client = client(&server.url());
    for reply in [
        Reply::Gone,
        Reply::Nonsense,
        Reply::Status(404),
        Reply::Status(500),
    ] {
        server.now_answers(move |_| reply.clone());
        let error = tell(&client).await.unwrap_err();
        let cause = error.source().unwrap();
        let shown = format!("{error} {cause} {error:?}");
        assert!(!shown.contains("4711"), "{shown}");
    }
    drop(server);
    let error = tell(&client).await.unwrap_err();
    assert!(!format!("{error:?}").contains("4711"), "{error:?}");
}

#[test]
fn without_an_address_there_is_no_client_and_a_wrong_one_is_named() {
    assert!(
        PatientClient::new(&ServicesConfig::default())
            .unwrap()
            .is_none()
    );
    let config = ServicesConfig {
        patient_service_url: "patients:8001".to_owned(),
        ..ServicesConfig::default()
    };
    let refused = PatientClient::new(&config).err().unwrap().to_string();
    assert!(
        refused.contains("services.patient_service_url"),
        "{refused}"
    );
}
