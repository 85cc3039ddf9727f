//! The brokers, on the real thing. `make kafka-jars` has to have run.

use comm_devkit::Place;
use comm_devkit::kafka::{self, ApacheKafka, BrokerError, MockKafka};
use std::error::Error;
use std::time::Duration;

type Outcome = Result<(), Box<dyn Error>>;

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn what_is_written_is_read_with_its_key() -> Outcome {
    let topics = kafka::shared().await?;
    topics.create("round-trip", 3).await?;
    topics.create("round-trip", 3).await?;
    assert_eq!(topics.read_all("round-trip").await?, []);
    topics.send("round-trip", "5", br#"{"n": 1}"#).await?;
    topics.send("round-trip", "5", br#"{"n": 2}"#).await?;
    let messages = topics.read_all("round-trip").await?;
    let numbers: Vec<_> = messages
        .iter()
        .map(|m| m.json())
        .collect::<Result<_, _>>()?;
    assert_eq!(
        numbers,
        [serde_json::json!({"n": 1}), serde_json::json!({"n": 2})]
    );
    assert!(messages.iter().all(|m| m.key.as_deref() == Some("5")));
    assert_eq!(topics.wait_for("round-trip", 2, PATIENCE).await?, messages);
    Ok(())
}

#[tokio::test]
async fn messages_that_do_not_come_are_counted_in_the_error() -> Outcome {
    let topics = kafka::shared().await?;
    topics.create("too-few", 1).await?;
    topics.send("too-few", "1", b"{}").await?;
    let short = Duration::from_secs(3);
    let error = topics.wait_for("too-few", 2, short).await;
    assert!(matches!(
        error,
        Err(BrokerError::Missing {
            wanted: 2,
            found: 1,
            ..
        })
    ));
    Ok(())
}

#[tokio::test]
async fn a_broker_that_was_stopped_or_killed_keeps_its_address_and_its_messages() -> Outcome {
    let broker = ApacheKafka::start(&Place::Temporary).await?;
    let (topics, address) = (broker.topics(), broker.bootstrap());
    topics.create("kept", 1).await?;
    topics.send("kept", "1", b"before").await?;
    broker.stop().await;
    broker.start_again().await?;
    topics.send("kept", "1", b"between").await?;
    broker.kill().await;
    broker.start_again().await?;
    topics.send("kept", "1", b"after").await?;
    let messages = topics.read_all("kept").await?;
    let payloads: Vec<_> = messages.iter().map(|m| m.payload.as_slice()).collect();
    assert_eq!(payloads, [b"before".as_slice(), b"between", b"after"]);
    assert_eq!(broker.bootstrap(), address);
    Ok(())
}

#[tokio::test]
async fn the_mock_takes_and_gives_messages() -> Outcome {
    let broker = MockKafka::start("events", 3)?;
    broker.topics().send("events", "1", b"{}").await?;
    let messages = broker.topics().wait_for("events", 1, PATIENCE).await?;
    assert_eq!(messages.len(), 1);
    Ok(())
}
