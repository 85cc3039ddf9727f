//! What is done once a day: by one instance, made up for after a stop, and once for each call.

use crate::followups::{decisions, impatient, sent, start_ahead, until_mid_morning};
use comm_tests::{DirectoryServer, Reply, Service, World, eventually};
use serde_json::json;

const OPEN: &str =
    "SELECT count(*) FROM communication_service.telefonanrufe WHERE wiederholung_offen";
const RETRIES: &str =
    "SELECT count(*) FROM communication_service.telefonanrufe WHERE vorgaenger_id IS NOT NULL";
const PLANNED: &str =
    "SELECT count(*) FROM communication_service.telefonanrufe WHERE status = 'geplant'";
const DONE: &str = "The daily work is done";
const CALLS: i64 = 20;
const DAY: i64 = 24 * 60 * 60;

/// Calls that failed while the directory was away: their next attempts have no slot.
async fn open_retries(world: &World, service: &Service) {
    for therapist in 1..=CALLS {
        let body = json!({"therapist_id": therapist, "geplante_zeit": "10:00"});
        let call = service.client.post("/api/phone-calls", &body).await;
        let path = format!("/api/phone-calls/{}", call.expect(201).body["id"]);
        let failed = json!({"status": "fehlgeschlagen"});
        let answer = service.client.put(&path, &failed).await.expect(200).body;
        assert_eq!(answer["naechster_anruf_id"], serde_json::Value::Null);
        assert_eq!(answer["grund"], "verzeichnis_nicht_erreichbar");
    }
    assert_eq!(world.number(OPEN).await, CALLS);
}

#[tokio::test]
async fn retries_without_a_slot_are_made_up_for_once_by_one_of_two_instances() {
    let directory = DirectoryServer::of_people().await;
    let world = World::without_kafka().await;
    let world = world
        .set("THERAPIST_SERVICE_URL", &directory.url())
        // Of three Mondays one at least is no public holiday.
        .set("COMM__CALLS__HORIZON_DAYS", "21");
    directory.now_answers(|_| Reply::Status(500));
    let service = world.start_with(&["--no-worker"]).await;
    open_retries(&world, &service).await;
    service.kill().await;

    for therapist in 1..=CALLS {
        let record = json!({"telefonische_erreichbarkeit": {"mo": ["09:00-12:00"]}});
        directory.knows(&format!("/api/therapists/{therapist}"), record);
    }
    directory.now_answers_records();
    let services = [world.start().await, world.start().await];
    eventually("every retry is planned", || async {
        (world.number(OPEN).await == 0).then_some(())
    })
    .await;
    assert_eq!(world.number(RETRIES).await, CALLS);
    let done = "SELECT count(*) FROM communication_service.tageslauf";
    eventually("the day is remembered", || async {
        (world.number(done).await == 1).then_some(())
    })
    .await;
    let did = services
        .iter()
        .filter(|service| service.log().contains("The daily work is done"));
    assert_eq!(did.count(), 1, "two instances did the work of one day");
}

#[tokio::test]
async fn a_leader_that_dies_in_the_middle_of_the_day_leaves_nothing_planned_twice() {
    let directory = DirectoryServer::of_people().await;
    let world = World::without_kafka().await;
    let world = world
        .set("THERAPIST_SERVICE_URL", &directory.url())
        // Of three Mondays one at least is no public holiday.
        .set("COMM__CALLS__HORIZON_DAYS", "21");
    directory.now_answers(|_| Reply::Status(500));
    let service = world.start_with(&["--no-worker"]).await;
    open_retries(&world, &service).await;
    service.kill().await;

    // It asks, and hears nothing: a lookup takes two seconds of each call.
    let asked = directory.requests().len();
    directory.now_answers(|_| Reply::Hang);
    let first = world.start().await;
    eventually("the first call is looked up", || async {
        (directory.requests().len() > asked).then_some(())
    })
    .await;
    first.kill().await;
    for therapist in 1..=CALLS {
        let record = json!({"telefonische_erreichbarkeit": {"mo": ["09:00-12:00"]}});
        directory.knows(&format!("/api/therapists/{therapist}"), record);
    }
    directory.now_answers_records();
    let _second = world.start().await;
    eventually("every retry is planned", || async {
        (world.number(OPEN).await == 0).then_some(())
    })
    .await;
    assert_eq!(world.number(RETRIES).await, CALLS);
}

/// How often the day's work was done, as the logs say.
fn times_done(services: &[Service]) -> usize {
    let logs = services.iter().map(Service::log);
    logs.map(|log| log.matches(DONE).count()).sum()
}

async fn until_the_day_is_done(services: &[Service]) {
    eventually("the daily work is done", || async {
        (times_done(services) > 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn silence_is_followed_up_by_itself_once_by_one_of_two_instances() {
    let world = impatient(World::without_kafka().await)
        .set("COMM__CALLS__DAILY_AT", "00:00")
        .set("COMM__LOG__FILTER", "debug,librdkafka=off,rdkafka=off");
    let ahead = until_mid_morning(&world).await;
    let office = start_ahead(&world, ahead, &["--no-worker"]).await;
    for therapist in 1..=CALLS {
        sent(&office.client, therapist).await;
        sent(&office.client, therapist).await;
    }
    office.kill().await;

    let services = tokio::join!(
        start_ahead(&world, ahead, &[]),
        start_ahead(&world, ahead, &[])
    );
    let services: [Service; 2] = services.into();
    eventually("every mail is followed up", || async {
        (decisions(&world).await == 2 * CALLS).then_some(())
    })
    .await;
    until_the_day_is_done(&services).await;
    let late = start_ahead(&world, ahead, &[]).await;
    eventually("one that comes later finds the work done", || async {
        let log = late.log();
        assert!(!log.contains(DONE), "it was done again");
        log.contains("The daily work was done before").then_some(())
    })
    .await;
    assert_eq!(times_done(&services), 1);
    assert_eq!(world.number(PLANNED).await, CALLS);
}

/// It ran on the sixth day after the mails, and stood still on the seventh.
#[tokio::test]
async fn an_instance_that_was_stopped_on_the_day_makes_up_for_it() {
    let world = impatient(World::without_kafka().await)
        .set("COMM__CALLS__DAILY_AT", "00:00")
        .set("COMM__FOLLOWUP__WAIT_DAYS", "7");
    let ahead = until_mid_morning(&world).await;
    let service = start_ahead(&world, ahead, &[]).await;
    for therapist in 1..=CALLS {
        sent(&service.client, therapist).await;
    }
    service.kill().await;

    let sixth = [start_ahead(&world, ahead + 6 * DAY, &[]).await];
    until_the_day_is_done(&sixth).await;
    assert_eq!(decisions(&world).await, 0, "seven days are not over");
    for service in sixth {
        service.kill().await;
    }
    let eighth = [start_ahead(&world, ahead + 8 * DAY, &[]).await];
    until_the_day_is_done(&eighth).await;
    assert_eq!(decisions(&world).await, CALLS);
    assert_eq!(world.number(PLANNED).await, CALLS);
}
