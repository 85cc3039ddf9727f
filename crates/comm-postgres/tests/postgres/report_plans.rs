//! The plans of what the staff reads about calls, as PostgreSQL itself reports them while the store reads.

use crate::support::store_with;
use chrono::NaiveDate;
use comm_devkit::postgres::{Cluster, ClusterOptions};
use comm_ports::outreach::{
    Anrufberichte, Counting, Kalenderausschnitt, Kalenderfeeds, OutreachStore, TokenHash,
};
use comm_ports::page::{Cursor, PageRequest};
use comm_ports::testing::build::instant;
use comm_postgres::{DatabaseConfig, PgStore, migrations};
use std::fs;

/// Five and a half years with a hundred calls a day, and as many emails.
const CALLS: u32 = 200_000;
/// From the sixth time on, PostgreSQL may prefer a plan that does not know the parameters.
const TIMES: usize = 6;
const TABLES: [&str; 4] = [
    "telefonanrufe",
    "telefonanruf_emails",
    "emails",
    "kalender_feeds",
];

/// The last day of the calls is 2026-06-30; every third retries the one before it, every second follows up an email,
/// one in ten was deleted.
fn fill() -> String {
    format!(
        "INSERT INTO communication_service.telefonanrufe (id, therapist_id, geplantes_datum, geplante_zeit, \
           dauer_minuten, status, tatsaechliches_datum, tatsaechliche_zeit, versuch, vorgaenger_id, bearbeiter, \
           created_at, updated_at, geloescht_am, sequence) \
         SELECT n, n, tag, time '08:00' + n % 100 * interval '5 minutes', 5, \
           CASE WHEN n % 10 = 0 THEN 'abgebrochen' WHEN n % 5 = 1 THEN 'fehlgeschlagen' \
             WHEN tag >= '2026-01-31' THEN 'geplant' ELSE 'abgeschlossen' END, tag, '09:00', \
           n % 3 + 1, CASE WHEN n % 3 > 0 THEN n - 1 END, (ARRAY['Jana', 'Uwe', 'Eva', NULL])[n % 4 + 1], tag, tag, \
           CASE WHEN n % 10 = 0 THEN tag END, 1 \
         FROM generate_series(1, {CALLS}) n, \
           LATERAL (SELECT date '2026-06-30' - ({CALLS} - n) / 100 AS tag) AS days; \
         INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, legal_footer, \
           empfaenger_email, empfaenger_name, absender_email, absender_name, status, message_id, created_at, updated_at, \
           sequence, gesendet_am) \
         SELECT n, 'Anfrage', repeat('x', 200), repeat('y', 200), true, 'a@example.org', 'A', 'b@example.org', 'B', \
           'Gesendet', n::text, now(), now(), 1, now() FROM generate_series(1, {CALLS}) n; \
         INSERT INTO communication_service.telefonanruf_emails (telefonanruf_id, email_id) \
         SELECT n, n FROM generate_series(1, {CALLS}, 2) n; \
         INSERT INTO communication_service.kalender_feeds (bearbeiter, token_hash, created_at) \
         SELECT 'Jana', sha256(n::text::bytea), timestamptz '2026-02-01' - n * interval '1 minute' FROM generate_series(1, 20000) n; \
         ANALYZE"
    )
}

struct Watched {
    cluster: Cluster,
    store: PgStore,
}

impl Watched {
    async fn start() -> Self {
        let cluster = Cluster::start(ClusterOptions::temporary()).await.unwrap();
        cluster.ensure_database("reports").await.unwrap();
        let url = cluster.url("reports");
        let mut config = DatabaseConfig::for_url(&url);
        migrations::migrate(&config).await.unwrap();
        // One connection: what it does next comes after what it did before, also in the log.
        config.pool_size = 1;
        config.statement_timeout_ms = 600_000;
        let (client, driver) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(driver);
        client.batch_execute(&fill()).await.unwrap();
        let explain = "ALTER DATABASE reports SET session_preload_libraries = 'auto_explain'; \
             ALTER DATABASE reports SET auto_explain.log_min_duration = 0";
        client.batch_execute(explain).await.unwrap();
        let store = store_with(&config);
        Self { cluster, store }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.cluster.folder().join("postgres.log")).unwrap()
    }

    /// Fails if a plan that `read` leads to reads a whole table.
    async fn assert_reads_no_whole_table(&self, what: &str, read: impl AsyncFn(&PgStore)) {
        for _ in 0..TIMES {
            let before = self.log().len();
            read(&self.store).await;
            assert!(self.store.ready().await.unwrap());
            let log = self.log();
            let plans = log.get(before..).unwrap();
            assert!(plans.contains("Query Text: "), "{what}\n{plans}");
            for table in TABLES {
                let whole = format!("Seq Scan on {table}");
                assert!(!plans.contains(&whole), "{what}\n{plans}");
            }
        }
    }
}

fn day(day: &str) -> NaiveDate {
    day.parse().unwrap()
}

fn feed_of(bearbeiter: Option<&str>) -> Kalenderausschnitt {
    Kalenderausschnitt {
        von: day("2026-01-01"),
        bis: day("2027-02-01"),
        abgesagte_von: day("2025-12-02"),
        abgesagt_seit: "2026-01-01T00:00:00Z".parse().unwrap(),
        bearbeiter: bearbeiter.map(str::to_owned),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_the_staff_reads_about_calls_reads_a_whole_table() {
    let watched = Watched::start().await;
    for bearbeiter in [None, Some("Jana".to_owned())] {
        let list = async |store: &PgStore| {
            let liste = store
                .tagesliste(day("2026-01-31"), bearbeiter.clone())
                .await;
            assert!(liste.unwrap().len() > 10);
        };
        watched
            .assert_reads_no_whole_table("the list of a day", list)
            .await;
    }
    for days in [
        day("2026-01-01")..=day("2026-01-30"),
        day("2025-06-30")..=day("2026-06-30"),
    ] {
        let figures = async |store: &PgStore| {
            let figures = store.statistik(days.clone()).await.unwrap();
            assert!(figures.gesamt.anrufe > 2000);
        };
        watched
            .assert_reads_no_whole_table("figures", figures)
            .await;
    }
    for bearbeiter in [None, Some("Jana")] {
        let feed = async |store: &PgStore| {
            let calls = store.kalenderanrufe(&feed_of(bearbeiter)).await.unwrap();
            assert!(calls.len() > 1000);
        };
        watched.assert_reads_no_whole_table("a feed", feed).await;
    }
    let token = async |store: &PgStore| {
        assert_eq!(store.kalenderfeed(&TokenHash([7; 32])).await.unwrap(), None);
    };
    watched.assert_reads_no_whole_table("a token", token).await;
    let middle = Cursor {
        created_at: instant(),
        id: 10_000,
    };
    for page in [PageRequest::default(), PageRequest::after(middle, 20)] {
        let feeds = async |store: &PgStore| {
            let page = store.list_kalenderfeeds(&page, Counting::Capped).await;
            assert_eq!(page.unwrap().rows.len(), 20);
        };
        watched.assert_reads_no_whole_table("feeds", feeds).await;
    }
}
