//! A durable PostgreSQL, as in production, with a fresh migrated database for each round.

use comm_devkit::Place as Folder;
use comm_devkit::postgres::{Cluster, ClusterOptions, Durability};
use comm_tests::{Service, run_to_end};
use std::time::Duration;
use tokio::time::sleep;
use uuid::Uuid;

pub(crate) struct Place {
    cluster: Cluster,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let options = ClusterOptions {
            place: Folder::Temporary,
            durability: Durability::Durable,
        };
        Self {
            cluster: Cluster::start(options).await.unwrap(),
        }
    }

    /// The URL of a new database.
    pub(crate) async fn database(&self) -> String {
        let name = format!("bench_{}", Uuid::new_v4().simple());
        self.cluster.ensure_database(&name).await.unwrap();
        let url = self.cluster.url(&name);
        let migrated = run_to_end(environment(&url), &["migrate"]).await.unwrap();
        assert!(migrated.status.success());
        url
    }

    /// Runs SQL and answers one number.
    pub(crate) async fn number(url: &str, sql: &str) -> i64 {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
            .await
            .unwrap();
        let driver = tokio::spawn(connection);
        let number = client.query_one(sql, &[]).await.unwrap().get(0);
        driver.abort();
        number
    }

    /// Asks for one number every 100 ms, over one connection, until it is at most `most`.
    pub(crate) async fn until_at_most(url: &str, sql: &str, most: i64) {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
            .await
            .unwrap();
        let driver = tokio::spawn(connection);
        let question = client.prepare(sql).await.unwrap();
        while client
            .query_one(&question, &[])
            .await
            .unwrap()
            .get::<_, i64>(0)
            > most
        {
            sleep(Duration::from_millis(100)).await;
        }
        driver.abort();
    }

    /// Runs SQL.
    pub(crate) async fn sql(url: &str, sql: &str) {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
            .await
            .unwrap();
        let driver = tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
        driver.abort();
    }
}

fn environment(url: &str) -> Vec<(String, String)> {
    vec![
        ("DATABASE_URL".to_owned(), url.to_owned()),
        (
            "KAFKA_BOOTSTRAP_SERVERS".to_owned(),
            "127.0.0.1:1".to_owned(),
        ),
    ]
}

/// Starts the service on a database; Kafka is away.
pub(crate) async fn start(url: &str, more: &[(&str, String)], flags: &[&str]) -> Service {
    let mut environment = environment(url);
    environment.extend(
        more.iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone())),
    );
    environment.push((
        "COMM__LOG__FILTER".to_owned(),
        // That it has begun is what tells that a service without an API is there.
        "warn,communication_service=info,librdkafka=off,rdkafka=off".to_owned(),
    ));
    Service::start(environment, flags).await
}
