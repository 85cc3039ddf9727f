//! Feeds are calendars that a library for another language reads as they are meant.

use crate::{files, python};
use comm_tests::{Client, DirectoryServer, Service, World};
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;

/// A name that needs escaping, and is longer than a line.
const NAME: &str = "Beispiel-Würdenträger, geb. \\ Müller; Praxis für Psychotherapie und Supervision am Öläckerweg";

/// What another program understands of a calendar.
async fn understood(client: &Client, pfad: &str) -> Value {
    let calendar = client.get(pfad).await.expect(200).bytes;
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&calendar).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    let mut read = python::tool("python");
    read.arg(files::path("tests/documents/kalender.py"))
        .stdin(Stdio::from(file));
    let output = python::succeed(read).await;
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The one event.
fn first(calendar: &Value) -> &Value {
    &calendar["events"][0]
}

async fn put(client: &Client, fields: Value) {
    client.put("/api/phone-calls/1", &fields).await.expect(200);
}

/// A service, the directory that it asks, and a call of 25 minutes that is planned for ten on some day.
struct Staff {
    service: Service,
    world: World,
    day: String,
    _directory: DirectoryServer,
}

impl Staff {
    async fn start() -> Self {
        let directory = DirectoryServer::of_people().await;
        let record =
            json!({"id": 7, "vorname": "Ada", "nachname": NAME, "telefon": "+49 30 12345"});
        directory.knows("/api/therapists/7", record);
        let world = World::without_kafka().await;
        let world = world.set("THERAPIST_SERVICE_URL", &directory.url());
        let service = world.start_with(&["--no-worker"]).await;
        let day = "SELECT to_char(now() + interval '20 days', 'YYYY-MM-DD')";
        let day = world.text(day).await;
        let call = json!({"therapist_id": 7, "geplantes_datum": day, "geplante_zeit": "10:00", "dauer_minuten": 25});
        let planned = service.client.post("/api/phone-calls", &call).await;
        planned.expect(201);
        Self {
            service,
            world,
            day,
            _directory: directory,
        }
    }

    /// Where the feed of these fields is read.
    async fn subscribe(&self, fields: Value) -> String {
        let feed = self.service.client.post("/api/kalender-feeds", &fields);
        let feed = feed.await.expect(201).body;
        feed["pfad"].as_str().unwrap().to_owned()
    }

    /// The call as another program sees it after this change.
    async fn after(&self, pfad: &str, fields: Value) -> Value {
        put(&self.service.client, fields).await;
        first(&understood(&self.service.client, pfad).await).clone()
    }
}

#[tokio::test]
async fn another_program_reads_the_feed_as_it_is_meant() {
    let staff = Staff::start().await;
    let client = &staff.service.client;
    let other = staff.subscribe(json!({"bearbeiter": "Öznur"})).await;
    assert_eq!(
        understood(client, &other).await,
        json!({"name": "Telefonanrufe: Öznur", "zone": "Europe/Berlin", "events": []})
    );
    let pfad = staff.subscribe(json!({})).await;
    let calendar = understood(client, &pfad).await;
    let planned = first(&calendar);
    assert_eq!(planned["uid"], "telefonanruf-1@communication-service");
    assert_eq!(planned["summary"], format!("Anruf: Ada {NAME}"));
    assert_eq!(
        planned["description"],
        "Telefon: +49 30 12345 (tel:+493012345)\nVersuch 1\nAngeforderter Anruf"
    );
    assert_eq!(planned["status"], "CONFIRMED");
    assert_eq!(planned["minutes"], 25.0);
    let instant = format!(
        "SELECT to_char((timestamp '{} 10:00' AT TIME ZONE 'Europe/Berlin') AT TIME ZONE 'UTC', \
           'YYYY-MM-DD\"T\"HH24:MI:SS\"+00:00\"')",
        staff.day
    );
    assert_eq!(planned["begin"], staff.world.text(&instant).await);
    assert_eq!(planned["stamp"], planned["changed"]);
}

#[tokio::test]
async fn another_program_sees_moves_and_ends_of_one_and_the_same_event() {
    let staff = Staff::start().await;
    let client = &staff.service.client;
    let pfad = staff.subscribe(json!({})).await;
    let mut seen = vec![first(&understood(client, &pfad).await).clone()];
    for change in [
        json!({"geplante_zeit": "11:00"}),
        json!({"geplante_zeit": "12:00"}),
        json!({"status": "abgebrochen"}),
        json!({"status": "geplant"}),
    ] {
        seen.push(staff.after(&pfad, change).await);
    }
    client.delete("/api/phone-calls/1").await.expect(200);
    seen.push(first(&understood(client, &pfad).await).clone());
    let all =
        |field: &str| -> Vec<Value> { seen.iter().map(|event| event[field].clone()).collect() };
    let states = [
        "CONFIRMED",
        "CONFIRMED",
        "CONFIRMED",
        "CANCELLED",
        "CONFIRMED",
        "CANCELLED",
    ];
    assert_eq!(all("status"), states);
    assert!(seen.iter().all(|event| event["uid"] == seen[0]["uid"]));
    let sequences: Vec<i64> = all("sequence").iter().filter_map(Value::as_i64).collect();
    assert!(
        sequences.len() == 6 && sequences.is_sorted_by(|before, after| before < after),
        "{sequences:?}"
    );
    let begins = all("begin");
    assert!(begins[0] != begins[1] && begins[1] != begins[2] && begins[2] == begins[5]);
}
