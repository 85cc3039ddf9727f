//! The events of calls, seen on Kafka (contract-events).

use super::support::{Woche, path};
use comm_devkit::kafka::Message;
use comm_tests::World;
use serde_json::{Value, json};

/// Type, sequence and payload.
fn read(message: &Message) -> (String, i64, Value) {
    let event = message.json().unwrap();
    let kind = event["eventType"].as_str().unwrap().to_owned();
    (
        kind,
        event["sequence"].as_i64().unwrap(),
        event["payload"].clone(),
    )
}

/// The events of the call with this id, in their order.
fn of(messages: &[Message], id: i64) -> Vec<(String, i64, Value)> {
    let key = id.to_string();
    let own = messages
        .iter()
        .filter(|message| message.key.as_deref() == Some(key.as_str()));
    own.map(read).collect()
}

fn named(events: &[(String, i64, Value)]) -> Vec<(&str, i64)> {
    events
        .iter()
        .map(|(kind, sequence, _)| (kind.as_str(), *sequence))
        .collect()
}

#[tokio::test]
async fn a_call_that_fails_is_seen_on_kafka_and_so_is_its_next_attempt() {
    let woche = Woche::serving("07:00", World::new().await, &[]).await;
    let call = woche
        .create(json!({"therapist_id": 7, "therapeutenanfrage_id": 5}))
        .await;
    woche
        .put(&call, json!({"geplante_zeit": "09:30"}))
        .await
        .expect(200);
    let failed =
        json!({"status": "fehlgeschlagen", "ergebnis": "Anrufbeantworter", "notizen": "geheim"});
    woche.put(&call, failed).await.expect(200);
    let messages = woche.world.events(4).await;
    let first = of(&messages, 1);
    let expected = [
        ("communication.call_scheduled", 1),
        ("communication.call_scheduled", 2),
        ("phone_call.failed", 3),
    ];
    assert_eq!(named(&first), expected);
    let (_, _, scheduled) = &first[1];
    let data = json!({
        "therapist_id": 7, "therapeutenanfrage_id": 5, "recipient_type": "therapist",
        "scheduled_date": woche.today(), "scheduled_time": "09:30:00",
    });
    assert_eq!(scheduled["call_id"], 1);
    for (name, value) in data.as_object().unwrap() {
        assert_eq!(&scheduled["call_data"][name], value, "{name}");
    }
    let (_, _, failed) = &first[2];
    assert_eq!(
        (&failed["communication_type"], &failed["therapist_id"]),
        (&json!("phone_call"), &json!(7))
    );
    assert_eq!(failed["call_data"]["status"], "fehlgeschlagen");
    assert!(failed.get("patient_id").is_none());

    let next = of(&messages, 2);
    assert_eq!(named(&next), [("communication.call_scheduled", 1)]);
    assert_eq!(next[0].2["call_data"]["scheduled_date"], woche.tomorrow());
    for message in &messages {
        let text = String::from_utf8_lossy(&message.payload);
        assert!(!text.contains("geheim"), "no event carries notes: {text}");
    }
    woche.world.assert_nothing_left_behind().await;
}

#[tokio::test]
async fn calls_that_are_completed_cancelled_or_deleted_are_seen_on_kafka() {
    let woche = Woche::serving("07:00", World::new().await, &[]).await;
    let done = woche.create(json!({"patient_id": 8})).await;
    let outcome =
        json!({"status": "abgeschlossen", "ergebnis_art": "angenommen", "ergebnis": "sagt zu"});
    woche.put(&done, outcome).await.expect(200);
    let cancelled = woche.create(json!({"patient_id": 9})).await;
    woche
        .put(&cancelled, json!({"status": "abgebrochen"}))
        .await
        .expect(200);
    let deleted = woche.create(json!({"patient_id": 10})).await;
    woche.client.delete(&path(&deleted)).await.expect(200);
    woche
        .create(json!({"patient_id": 11, "status": "abgeschlossen", "ergebnis": "war nett"}))
        .await;
    let messages = woche.world.events(7).await;
    let completed = of(&messages, 1);
    assert_eq!(
        named(&completed),
        [
            ("communication.call_scheduled", 1),
            ("phone_call.completed", 2)
        ]
    );
    let (_, _, payload) = &completed[1];
    assert_eq!(
        (&payload["outcome"], &payload["patient_id"]),
        (&json!("angenommen"), &json!(8))
    );
    for call in [2, 3] {
        let expected = [
            ("communication.call_scheduled", 1),
            ("phone_call.cancelled", 2),
        ];
        assert_eq!(named(&of(&messages, call)), expected);
    }
    let made = of(&messages, 4);
    assert_eq!(named(&made), [("phone_call.completed", 1)]);
    assert_eq!(made[0].2["outcome"], "war nett");
    woche.world.assert_nothing_left_behind().await;
}
