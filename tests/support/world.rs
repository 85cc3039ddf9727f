//! Everything around the service, for one test alone.

use crate::service::{Service, run_to_end};
use comm_devkit::kafka::{self, Message, Topics};
use comm_devkit::postgres::{TestDatabase, test_database};
use comm_devkit::smtp::{SmtpOptions, SmtpServer};
use std::io;
use uuid::Uuid;

/// A migrated database, an SMTP server, and a topic and a group on a broker that tests share.
pub struct World {
    /// The database.
    pub database: TestDatabase,
    /// The mail server.
    pub smtp: SmtpServer,
    /// The broker.
    pub topics: Topics,
    /// The topic of this test.
    pub topic: String,
    settings: Vec<(String, String)>,
}

impl World {
    /// With an SMTP server that takes everything.
    pub async fn new() -> Self {
        Self::with_smtp(SmtpOptions::default()).await
    }

    /// With this SMTP server.
    pub async fn with_smtp(smtp: impl Into<SmtpOptions>) -> Self {
        let topics = kafka::shared().await.expect("a broker");
        let topic = format!("events-{}", Uuid::new_v4().simple());
        topics.create(&topic, 3).await.expect("a topic");
        Self::assemble(smtp.into(), topics, topic).await
    }

    /// With a broker that is away: nothing listens at its address.
    pub async fn without_kafka() -> Self {
        Self::assemble(
            SmtpOptions::default(),
            Topics::new("127.0.0.1:1"),
            "events".to_owned(),
        )
        .await
    }

    async fn assemble(smtp: SmtpOptions, topics: Topics, topic: String) -> Self {
        let database = test_database(migrate).await.expect("a database");
        Self {
            database,
            smtp: SmtpServer::start(smtp).await.expect("an SMTP server"),
            topics,
            topic,
            settings: Vec::new(),
        }
    }

    /// With another SMTP server.
    pub async fn mailing_to(mut self, smtp: impl Into<SmtpOptions>) -> Self {
        self.smtp = SmtpServer::start(smtp).await.expect("an SMTP server");
        self
    }

    /// Sets a variable of every service that is started afterwards.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The variables that a service needs to live in this world; later ones win.
    pub fn environment(&self) -> Vec<(String, String)> {
        let pairs = [
            ("DATABASE_URL", self.database.url()),
            ("SMTP_HOST", "127.0.0.1".to_owned()),
            ("SMTP_PORT", self.smtp.port().to_string()),
            (
                "KAFKA_BOOTSTRAP_SERVERS",
                self.topics.bootstrap().to_owned(),
            ),
            ("COMM__EVENTS__TOPIC", self.topic.clone()),
            ("COMM__KAFKA__GROUP_ID", format!("group-{}", self.topic)),
            ("COMM__EMAIL_QUEUE__UNDO_SECONDS", "0".to_owned()),
        ];
        let named = pairs.map(|(name, value)| (name.to_owned(), value));
        named.into_iter().chain(self.settings.clone()).collect()
    }

    /// Starts the service and waits until it serves.
    pub async fn start(&self) -> Service {
        self.start_with(&[]).await
    }

    /// Starts it with flags.
    pub async fn start_with(&self, flags: &[&str]) -> Service {
        Service::start(self.environment(), flags).await
    }

    /// The events on this test's topic, once there are at least `count`.
    pub async fn events(&self, count: usize) -> Vec<Message> {
        let events = self
            .topics
            .wait_for(&self.topic, count, crate::PATIENCE)
            .await;
        events.expect("events on the topic")
    }

    /// One number out of the database, past the service.
    pub async fn number(&self, sql: &str) -> i64 {
        let client = self.database.connect().await.expect("a connection");
        client.query_one(sql, &[]).await.expect("a number").get(0)
    }

    /// One text out of the database, past the service.
    pub async fn text(&self, sql: &str) -> String {
        let client = self.database.connect().await.expect("a connection");
        client.query_one(sql, &[]).await.expect("a text").get(0)
    }

    /// Changes the database past the service.
    pub async fn execute(&self, sql: &str) {
        let client = self.database.connect().await.expect("a connection");
        client.batch_execute(sql).await.expect("a change");
    }

    /// Fails if anything is left behind: a mail that waits or is under way, or an event that was not
    /// published.
    pub async fn assert_nothing_left_behind(&self) {
        let mails = "SELECT count(*) FROM communication_service.emails \
             WHERE status IN ('In_Warteschlange', 'Wird_gesendet')";
        assert_eq!(self.number(mails).await, 0, "mails are left behind");
        crate::eventually("every event is published", || async {
            let open =
                "SELECT count(*) FROM communication_service.outbox WHERE published_at IS NULL";
            (self.number(open).await == 0).then_some(())
        })
        .await;
    }
}

async fn migrate(url: String) -> io::Result<()> {
    let output = run_to_end(vec![("DATABASE_URL".to_owned(), url)], &["migrate"]).await?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(
        String::from_utf8_lossy(&output.stderr).into_owned(),
    ))
}
