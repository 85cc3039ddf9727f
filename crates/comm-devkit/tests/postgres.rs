//! The private PostgreSQL, on the real thing.

use comm_devkit::postgres::{Cluster, ClusterOptions, PostgresError, test_database};
use std::error::Error;
use tokio_postgres::{Client, NoTls};

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::test]
async fn each_test_has_a_migrated_database_of_its_own() -> Outcome {
    let one = test_database(migrate).await?;
    let two = test_database(migrate).await?;
    one.connect()
        .await?
        .batch_execute("INSERT INTO note VALUES ('mine')")
        .await?;
    assert_eq!(count(&one.connect().await?).await?, 1);
    assert_eq!(count(&two.connect().await?).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_cut_connection_is_noticed_and_a_new_one_works() -> Outcome {
    let database = test_database(migrate).await?;
    let before = database.connect().await?;
    assert_eq!(count(&before).await?, 0);
    assert_eq!(database.kill_connections().await?, 1);
    assert!(count(&before).await.is_err());
    assert_eq!(count(&database.connect().await?).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_server_that_crashed_starts_again_on_its_port() -> Outcome {
    let cluster = Cluster::start(ClusterOptions::temporary()).await?;
    let (port, url) = (cluster.port(), cluster.url("postgres"));
    fill(&url).await?;
    cluster.crash().await;
    assert!(connect(&url).await.is_err());
    cluster.start_again().await?;
    assert_eq!(cluster.port(), port);
    assert_eq!(count(&connect(&url).await?).await?, 1);
    cluster.restart().await?;
    assert_eq!(count(&connect(&url).await?).await?, 1);
    Ok(())
}

#[tokio::test]
async fn kept_data_is_found_again_and_used_by_one_run_at_a_time() -> Outcome {
    let folder = tempfile::tempdir()?;
    let options = || ClusterOptions::kept(folder.path().join("postgres"));
    let first = Cluster::start(options()).await?;
    first.ensure_database("communication").await?;
    first.ensure_database("communication").await?;
    fill(&first.url("communication")).await?;
    let second = Cluster::start(options()).await;
    assert!(matches!(second, Err(PostgresError::Folder(_))));
    first.stop().await;
    drop(first);
    let third = Cluster::start(options()).await?;
    let client = connect(&third.url("communication")).await?;
    assert_eq!(count(&client).await?, 1);
    third.stop().await;
    // PostgreSQL's user cannot enter root's temporary folder, so the data may be elsewhere.
    Ok(std::fs::remove_dir_all(third.folder())?)
}

async fn migrate(url: String) -> Result<(), PostgresError> {
    let client = connect(&url).await?;
    Ok(client
        .batch_execute("CREATE TABLE note (text text)")
        .await?)
}

async fn fill(url: &str) -> Result<(), PostgresError> {
    migrate(url.to_owned()).await?;
    let client = connect(url).await?;
    Ok(client
        .batch_execute("INSERT INTO note VALUES ('kept')")
        .await?)
}

async fn connect(url: &str) -> Result<Client, PostgresError> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn count(client: &Client) -> Result<i64, PostgresError> {
    let row = client.query_one("SELECT count(*) FROM note", &[]).await?;
    Ok(row.get(0))
}
