//! Settings of Kafka (section `kafka`).

use rdkafka::ClientConfig;
use serde::Deserialize;

/// How to reach Kafka. It may be away at start and later: nothing waits for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaConfig {
    /// Comma-separated `host:port` list.
    pub bootstrap_servers: String,
    /// The consumer group.
    pub group_id: String,
    /// Milliseconds after which an event that was not acknowledged is given back to the relay.
    pub message_timeout_ms: u32,
    /// Milliseconds that the producer waits for more events to send together.
    pub linger_ms: u32,
}

impl KafkaConfig {
    pub(crate) fn producer(&self) -> ClientConfig {
        let mut config = self.client();
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            // Where the platform's Java and Python clients put a key.
            .set("partitioner", "murmur2_random")
            .set("message.timeout.ms", self.message_timeout_ms.to_string())
            .set("linger.ms", self.linger_ms.to_string());
        config
    }

    pub(crate) fn consumer(&self) -> ClientConfig {
        let mut config = self.client();
        config
            .set("group.id", &self.group_id)
            .set("auto.offset.reset", "earliest")
            // How long the partitions of a member that crashed stand still.
            .set("session.timeout.ms", "10000")
            .set("enable.auto.commit", "true")
            .set("auto.commit.interval.ms", "1000")
            // Stored only after the work is committed.
            .set("enable.auto.offset.store", "false")
            // The topic may not exist yet when we subscribe.
            .set("allow.auto.create.topics", "true")
            .set("topic.metadata.refresh.interval.ms", "10000")
            // What is fetched ahead is memory.
            .set("queued.max.messages.kbytes", "8192");
        config
    }

    /// One dead letter at a time, as large as the broker takes it: a broker refuses a batch as a whole.
    pub(crate) fn dead_letters(&self) -> ClientConfig {
        let mut config = self.producer();
        config
            .set("batch.num.messages", "1")
            .set("message.max.bytes", "1000000000");
        config
    }

    /// Looks at the group without joining it, and creates no topic.
    pub(crate) fn onlooker(&self) -> ClientConfig {
        let mut config = self.client();
        config
            .set("group.id", &self.group_id)
            .set("enable.auto.commit", "false");
        config
    }

    /// Reads without a group: one must be named all the same, and is never joined.
    pub(crate) fn reader(&self) -> ClientConfig {
        let mut config = self.client();
        config
            .set("group.id", format!("{}-reader", self.group_id))
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "earliest")
            .set("enable.partition.eof", "true");
        config
    }

    fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.bootstrap_servers)
            .set("client.id", "communication-service")
            .set("reconnect.backoff.max.ms", "5000")
            // A broker that closes an idle connection is no event worth a line.
            .set("log.connection.close", "false");
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What other tests cannot see fail without several brokers, or without bad luck.
    #[test]
    fn what_is_promised_and_hangs_on_a_setting_is_set() {
        let config = KafkaConfig {
            bootstrap_servers: "127.0.0.1:1".to_owned(),
            group_id: "communication-service".to_owned(),
            message_timeout_ms: 10_000,
            linger_ms: 5,
        };
        for producer in [config.producer(), config.dead_letters()] {
            assert_eq!(producer.get("enable.idempotence"), Some("true"));
            assert_eq!(producer.get("acks"), Some("all"));
            assert_eq!(producer.get("partitioner"), Some("murmur2_random"));
        }
        let consumer = config.consumer();
        assert_eq!(consumer.get("group.id"), Some("communication-service"));
        assert_eq!(consumer.get("enable.auto.offset.store"), Some("false"));
        assert_eq!(consumer.get("auto.offset.reset"), Some("earliest"));
        for onlooker in [config.onlooker(), config.reader()] {
            assert_eq!(onlooker.get("enable.auto.commit"), Some("false"));
        }
    }
}
