//! A connection that falls silent without being closed: between the service and PostgreSQL stands a proxy that stops
//! passing anything on, while its kernel goes on to acknowledge.

use crate::support::{db, store_with};
use comm_domain::outreach::{EmailId, EmailStatus};
use comm_ports::error::StoreError;
use comm_ports::outreach::OutreachStore;
use comm_ports::{OutboxStore, Signal, Signals};
use comm_postgres::{DatabaseConfig, PgSignals};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// A statement's limit, and by how much its answer may be late.
const LIMIT: Duration = Duration::from_millis(500);
const NOTICED: Duration = Duration::from_secs(5 + 3);

/// Passes bytes on, until it is told not to: from then on it keeps its connections and does nothing. It never comes
/// back for those, only for new ones.
struct Proxy {
    port: u16,
    silent: watch::Sender<u32>,
}

impl Proxy {
    async fn before(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (silent, silences) = watch::channel(0);
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            silent,
        };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, port, silences.clone()));
            }
        });
        proxy
    }

    fn fall_silent(&self) {
        self.silent.send_modify(|silences| *silences += 1);
    }
}

async fn pass(mut client: TcpStream, port: u16, mut silences: watch::Receiver<u32>) {
    silences.mark_unchanged();
    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
        _ = silences.changed() => std::future::pending().await,
    }
}

/// The address of the same database behind a proxy.
async fn behind_a_proxy(url: &str) -> (Proxy, DatabaseConfig) {
    let config: tokio_postgres::Config = url.parse().unwrap();
    let port = config.get_ports().first().copied().unwrap();
    let proxy = Proxy::before(port).await;
    let url = url.replace(&format!(":{port}/"), &format!(":{}/", proxy.port));
    assert!(url.contains(&format!(":{}/", proxy.port)), "{url}");
    let mut config = DatabaseConfig::for_url(&url);
    config.statement_timeout_ms = LIMIT.as_millis().try_into().unwrap();
    (proxy, config)
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_given_up_and_another_one_opened() {
    let db = db().await;
    let email = db.insert(EmailStatus::Entwurf).await;
    let (proxy, config) = behind_a_proxy(&db.database.url()).await;
    let store = store_with(&config);
    store.email(email.id).await.unwrap().unwrap();

    proxy.fall_silent();
    let begun = Instant::now();
    let silent = timeout(NOTICED, store.email(email.id)).await;
    let error = silent.expect("it is noticed").unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(begun.elapsed() > LIMIT, "PostgreSQL had its time");
    store.email(email.id).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_transaction_whose_connection_falls_silent_is_told_so_at_its_commit() {
    let db = db().await;
    let email = db.insert(EmailStatus::Entwurf).await;
    let (proxy, config) = behind_a_proxy(&db.database.url()).await;
    let mut tx = store_with(&config).begin().await.unwrap();
    tx.lock_email(email.id).await.unwrap().unwrap();

    proxy.fall_silent();
    let commit = timeout(NOTICED, tx.commit()).await.expect("it is noticed");
    let error = commit.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn an_idle_connection_is_not_given_up() {
    let db = db().await;
    let (_proxy, config) = behind_a_proxy(&db.database.url()).await;
    let store = store_with(&config);
    let backend = "SELECT pid::bigint FROM pg_stat_activity WHERE datname = current_database() \
         AND query LIKE '%\"emails\"%' AND pid <> pg_backend_pid()";
    store.email(EmailId(1)).await.unwrap();
    let before = db.number(backend).await;
    sleep(NOTICED).await;
    store.email(EmailId(1)).await.unwrap();
    assert_eq!(db.number(backend).await, before);
}

#[tokio::test]
async fn a_leader_whose_connection_falls_silent_leads_no_more() {
    let db = db().await;
    let (proxy, config) = behind_a_proxy(&db.database.url()).await;
    let mut lease = store_with(&config).try_lead().await.unwrap().unwrap();
    assert!(lease.holds(Duration::ZERO).await);

    proxy.fall_silent();
    let patience = Duration::from_secs(5) + NOTICED;
    let holds = timeout(patience, lease.holds(Duration::ZERO)).await;
    assert!(!holds.expect("it is noticed"));
}

#[tokio::test]
async fn signals_find_another_connection_when_theirs_falls_silent() {
    let db = db().await;
    let (proxy, config) = behind_a_proxy(&db.database.url()).await;
    let here = PgSignals::start(&config);
    let elsewhere = PgSignals::start(&DatabaseConfig::for_url(&db.database.url()));
    let told = async |patience: Duration| {
        let wait = timeout(patience, elsewhere.wait(Signal::Queue));
        wait.await.is_ok()
    };
    let patience = Duration::from_secs(20);
    // Both say once that they are there; then one tells the other.
    assert!(told(patience).await);
    here.raise(Signal::Queue);
    assert!(told(patience).await);

    proxy.fall_silent();
    here.raise(Signal::Queue);
    assert!(!told(Duration::from_secs(1)).await, "it is silent");
    assert!(told(patience).await, "what was not told is told again");
}
