//! The Therapist Service away for half of those whose silence is followed up: the others are called, and these are
//! reported and tried again.

use crate::followups::{decisions, impatient, run, sent, start_ahead, until_mid_morning};
use comm_tests::{Answer, Client, DirectoryServer, Reply, Request, Service, World, eventually};
use serde_json::{Value, json};

const THERAPISTS: i64 = 40;
/// Planned calls, and how many of them lie within the hours that the directory states.
const CALLS: &str =
    "SELECT count(*) FROM communication_service.telefonanrufe WHERE status = 'geplant'";
const IN_HOURS: &str = "SELECT count(*) FROM communication_service.telefonanrufe WHERE status = 'geplant' \
     AND geplante_zeit >= '17:00' AND extract(isodow FROM geplantes_datum) = 3";

/// A directory that knows everybody; nobody keeps office hours.
async fn directory() -> DirectoryServer {
    let directory = DirectoryServer::of_people().await;
    for therapist in 1..=THERAPISTS {
        let record =
            json!({"id": therapist, "telefonische_erreichbarkeit": {"mi": ["17:00-18:00"]}});
        directory.knows(&path(therapist), record);
    }
    directory
}

fn path(therapist: i64) -> String {
    format!("/api/therapists/{therapist}")
}

/// One sent mail to each of them; the directory is asked anew each time.
async fn mailed(directory: &DirectoryServer) -> (World, Service) {
    let world = impatient(World::without_kafka().await)
        .set("THERAPIST_SERVICE_URL", &directory.url())
        .set("COMM__SERVICES__COPY_FRESH_SECONDS", "0");
    let ahead = until_mid_morning(&world).await;
    let service = start_ahead(&world, ahead, &["--no-worker"]).await;
    for therapist in 1..=THERAPISTS {
        sent(&service.client, therapist).await;
    }
    (world, service)
}

/// How many calls a run has planned, and how many mails it reports as left for later since nobody knows the hours.
fn told(answer: Answer) -> (i64, i64) {
    let body = answer.expect(200).body;
    let rows = body["data"].as_array().unwrap().iter();
    let open: Vec<&Value> = rows.filter(|row| row["entscheidung"] == "offen").collect();
    for row in &open {
        assert_eq!(row["grund"], "verzeichnis_nicht_erreichbar", "{row}");
    }
    let planned = body["zusammenfassung"]["geplant"].as_i64().unwrap();
    (planned, i64::try_from(open.len()).unwrap())
}

/// A quarter has copies from a better time, and a quarter hours by hand.
async fn half_are_known_otherwise(client: &Client, directory: &DirectoryServer) {
    for therapist in 1..=THERAPISTS / 4 {
        let hours = format!("{}/erreichbarkeit", path(therapist));
        client.get(&hours).await.expect(200);
    }
    directory.now_answers(|_| Reply::Gone);
    for therapist in THERAPISTS / 4 + 1..=THERAPISTS / 2 {
        let hours = format!("{}/erreichbarkeit", path(therapist));
        let by_hand = json!({"mi": ["17:30-18:00"]});
        client.put(&hours, &by_hand).await.expect(200);
    }
}

#[tokio::test]
async fn while_the_directory_is_away_only_those_are_called_whose_hours_are_known_and_the_rest_once_it_is_back()
 {
    let directory = directory().await;
    let (world, service) = mailed(&directory).await;
    let client = &service.client;
    half_are_known_otherwise(client, &directory).await;

    let half = THERAPISTS / 2;
    assert_eq!(told(run(client).await), (half, half));
    assert_eq!(decisions(&world).await, half, "the rest is decided later");
    assert_eq!(told(run(client).await), (0, half), "as long as it is away");

    directory.now_answers_records();
    eventually("it is asked again", || async {
        let (planned, open) = told(run(client).await);
        // Once it is asked, the same run asks about everybody.
        assert!([(0, half), (half, 0)].contains(&(planned, open)));
        (planned > 0).then_some(())
    })
    .await;
    assert_eq!(decisions(&world).await, THERAPISTS);
    assert_eq!(world.number(CALLS).await, THERAPISTS);
    assert_eq!(world.number(IN_HOURS).await, THERAPISTS);
}

#[tokio::test]
async fn a_directory_that_fails_for_half_of_them_keeps_back_the_others_at_most_until_a_later_run() {
    let directory = directory().await;
    let (world, service) = mailed(&directory).await;
    let client = &service.client;
    // The first half, so that whoever is asked in order fails again and again, and is then left alone.
    let is_broken = |request: &Request| (1..=THERAPISTS / 2).any(|id| request.path() == path(id));
    directory.now_answers(move |request| match is_broken(request) {
        true => Reply::Status(500),
        false => Reply::Record,
    });
    let half = THERAPISTS / 2;
    eventually("all others are called", || async {
        let (_, open) = told(run(client).await);
        let planned = decisions(&world).await;
        assert_eq!(planned + open, THERAPISTS, "everybody is reported");
        (planned == half).then_some(())
    })
    .await;
    assert_eq!(world.number(CALLS).await, half);

    directory.now_answers_records();
    eventually("everybody is called", || async {
        let (_, open) = told(run(client).await);
        (open == 0).then_some(())
    })
    .await;
    assert_eq!(decisions(&world).await, THERAPISTS);
    assert_eq!(world.number(IN_HOURS).await, THERAPISTS);
}
