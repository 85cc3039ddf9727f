//! A plain idempotent producer that publishes as fast as it can: what others are measured against.

use super::{BrokerError, Topics};
use rdkafka::producer::{FutureProducer, FutureRecord};
use std::time::{Duration, Instant};

impl Topics {
    /// Publishes `count` messages of `bytes` bytes with 500 keys, and says how long it took until the last was
    /// acknowledged.
    ///
    /// # Errors
    /// When the broker does not acknowledge one of them.
    pub async fn flood(
        &self,
        topic: &str,
        count: usize,
        bytes: usize,
    ) -> Result<Duration, BrokerError> {
        let mut config = self.config();
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("linger.ms", "5")
            .set("queue.buffering.max.messages", "1000000");
        let producer: FutureProducer = config.create()?;
        let payload = "x".repeat(bytes);
        let begun = Instant::now();
        let mut deliveries = Vec::with_capacity(count);
        for n in 0..count {
            let key = (n % 500).to_string();
            let record = FutureRecord::to(topic).key(&key).payload(&payload);
            deliveries.push(producer.send_result(record).map_err(|(error, _)| error)?);
        }
        for delivery in deliveries {
            // A producer that is gone is one that did not acknowledge.
            let report = delivery.await.map_err(std::io::Error::other)?;
            report.map_err(|(error, _)| error)?;
        }
        Ok(begun.elapsed())
    }
}
