//! Feeds are calendars that a library for another language reads as they are meant.

use crate::{files, python};
use comm_tests::{Client, DirectoryServer, World};
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

/// Where a new feed is read.
async fn feed(client: &Client, of: Value) -> String {
    let feed = client.post("/api/kalender-feeds", &of).await.expect(201);
    feed.body["pfad"].as_str().unwrap().to_owned()
}

async fn in_twenty_days(world: &World) -> String {
    let day = "SELECT to_char(now() + interval '20 days', 'YYYY-MM-DD')";
    world.text(day).await
}

/// Fails unless this is the call that was planned.
async fn assert_planned(world: &World, planned: &Value, day: &str) {
    assert_eq!(planned["uid"], "telefonanruf-1@communication-service");
    assert_eq!(planned["summary"], format!("Anruf: Ada {NAME}"));
    assert_eq!(
        planned["description"],
        "Telefon: +49 30 12345 (tel:+493012345)\nVersuch 1\nAngeforderter Anruf"
    );
    assert_eq!(
        (&planned["status"], &planned["minutes"]),
        (&json!("CONFIRMED"), &json!(25.0))
    );
    let instant = format!(
        "SELECT to_char((timestamp '{day} 10:00' AT TIME ZONE 'Europe/Berlin') AT TIME ZONE 'UTC', \
           'YYYY-MM-DD\"T\"HH24:MI:SS\"+00:00\"')"
    );
    assert_eq!(planned["begin"], world.text(&instant).await);
    assert_eq!(planned["stamp"], planned["changed"]);
}

#[tokio::test]
async fn another_program_reads_the_feed_and_sees_moves_and_ends() {
    let directory = DirectoryServer::of_people().await;
    let record = json!({"id": 7, "vorname": "Ada", "nachname": NAME, "telefon": "+49 30 12345"});
    directory.knows("/api/therapists/7", record);
    let world = World::without_kafka().await;
    let world = world.set("THERAPIST_SERVICE_URL", &directory.url());
    let service = world.start_with(&["--no-worker"]).await;
    let client = &service.client;
    let day = in_twenty_days(&world).await;
    let call = json!({"therapist_id": 7, "geplantes_datum": day, "geplante_zeit": "10:00", "dauer_minuten": 25});
    client.post("/api/phone-calls", &call).await.expect(201);
    let others = feed(client, json!({"bearbeiter": "Öznur"})).await;
    let empty = json!({"name": "Telefonanrufe: Öznur", "zone": "Europe/Berlin", "events": []});
    assert_eq!(understood(client, &others).await, empty);
    let pfad = feed(client, json!({})).await;
    let pfad = pfad.as_str();
    let planned = understood(client, pfad).await;
    let planned = first(&planned);
    assert_planned(&world, planned, &day).await;
    let mut sequences = vec![planned["sequence"].as_i64().unwrap()];
    for zeit in ["11:00", "12:00"] {
        put(client, json!({"geplante_zeit": zeit})).await;
        let moved = understood(client, pfad).await;
        assert_eq!(first(&moved)["uid"], planned["uid"]);
        assert_ne!(first(&moved)["begin"], planned["begin"]);
        sequences.push(first(&moved)["sequence"].as_i64().unwrap());
    }
    put(client, json!({"status": "abgebrochen"})).await;
    let cancelled = understood(client, pfad).await;
    assert_eq!(first(&cancelled)["status"], "CANCELLED");
    sequences.push(first(&cancelled)["sequence"].as_i64().unwrap());
    put(client, json!({"status": "geplant"})).await;
    let again = understood(client, pfad).await;
    assert_eq!(first(&again)["status"], "CONFIRMED");
    sequences.push(first(&again)["sequence"].as_i64().unwrap());
    client.delete("/api/phone-calls/1").await.expect(200);
    let deleted = understood(client, pfad).await;
    assert_eq!(first(&deleted)["status"], "CANCELLED");
    assert_eq!(first(&deleted)["uid"], planned["uid"]);
    sequences.push(first(&deleted)["sequence"].as_i64().unwrap());
    assert!(
        sequences.is_sorted_by(|before, after| before < after),
        "{sequences:?}"
    );
}
