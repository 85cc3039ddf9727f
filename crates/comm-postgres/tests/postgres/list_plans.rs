//! The plans of the lists, as PostgreSQL itself reports them while the store reads: its own statements with its own
//! parameters, planned by default settings. `COMM_LIST_ROWS=100000` is quicker where somebody tries something.

use crate::support::store_with;
use chrono::{DateTime, TimeDelta, Utc};
use comm_devkit::postgres::{Cluster, ClusterOptions};
use comm_domain::outreach::{EmailStatus, Fehlerart, RecipientType};
use comm_ports::outreach::{EmailFilter, EmailQuery, OutreachStore, Suchworte};
use comm_ports::page::{Cursor, PageRequest};
use comm_ports::testing::build::instant;
use comm_postgres::{DatabaseConfig, PgStore, migrations};
use std::fs;
use std::path::PathBuf;

/// As many as the lists are promised to stay fast for; smaller tables are read whole.
const ROWS: u32 = 1_000_000;
/// From the sixth time on, PostgreSQL may prefer a plan that does not know the parameters.
const TIMES: usize = 6;

struct Watched {
    cluster: Cluster,
    store: PgStore,
    rows: u32,
}

impl Watched {
    async fn start() -> Self {
        let rows = rows();
        let cluster = Cluster::start(ClusterOptions::temporary()).await.unwrap();
        cluster.ensure_database("lists").await.unwrap();
        let mut config = DatabaseConfig::for_url(&cluster.url("lists"));
        migrations::migrate(&config).await.unwrap();
        // One connection: what it does next comes after what it did before, also in the log.
        config.pool_size = 1;
        config.statement_timeout_ms = 600_000;
        let (client, driver) =
            tokio_postgres::connect(&cluster.url("lists"), tokio_postgres::NoTls)
                .await
                .unwrap();
        tokio::spawn(driver);
        client.batch_execute(&fill(rows)).await.unwrap();
        let explain = "ALTER DATABASE lists SET session_preload_libraries = 'auto_explain'; \
             ALTER DATABASE lists SET auto_explain.log_min_duration = 0";
        client.batch_execute(explain).await.unwrap();
        let store = store_with(&config);
        Self {
            cluster,
            store,
            rows,
        }
    }

    fn log(&self) -> PathBuf {
        self.cluster.folder().join("postgres.log")
    }

    /// The plans that a list leads to.
    async fn plans(&self, query: &EmailQuery) -> String {
        let length = fs::metadata(self.log()).unwrap().len();
        self.store.list_emails(query).await.unwrap();
        assert!(self.store.ready().await.unwrap());
        let log = fs::read_to_string(self.log()).unwrap();
        let new = log.get(usize::try_from(length).unwrap()..).unwrap();
        assert!(
            new.contains("Query Text: ") && new.contains("on emails"),
            "{new}"
        );
        new.to_owned()
    }

    async fn assert_reads_no_whole_table(&self, filter: &EmailFilter, index: Option<&str>) {
        let middle = Cursor {
            created_at: instant() - TimeDelta::seconds(30) * i32::try_from(self.rows / 2).unwrap(),
            id: i64::from(self.rows / 2),
        };
        for page in [PageRequest::default(), PageRequest::after(middle, 20)] {
            let query = EmailQuery {
                filter: filter.clone(),
                page,
                ..EmailQuery::default()
            };
            for _ in 0..TIMES {
                let plans = self.plans(&query).await;
                assert!(!plans.contains("Seq Scan on emails"), "{query:?}\n{plans}");
                let expected = index.is_none_or(|index| plans.contains(index));
                assert!(expected, "{query:?} does not read {index:?}\n{plans}");
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a person who tries another size says so in the environment"
)]
fn rows() -> u32 {
    std::env::var("COMM_LIST_ROWS").map_or(ROWS, |rows| rows.parse().unwrap())
}

/// One email every 30 seconds, the last of them at the instant of the tests.
fn fill(rows: u32) -> String {
    format!(
        "INSERT INTO communication_service.emails (therapist_id, patient_id, betreff, inhalt_html, inhalt_text, legal_footer, \
           empfaenger_email, empfaenger_name, absender_email, absender_name, status, fehlerart, antwort_erhalten, \
           therapeutenanfrage_id, message_id, created_at, updated_at, sequence, gesendet_am, versucht_am) \
         SELECT CASE WHEN n % 10 > 0 THEN n % 500 END, CASE WHEN n % 10 = 0 THEN n % 5000 + 1 END, 'Anfrage ' || n, \
           repeat('x', 300), repeat('y', 300), true, 'praxis' || n % 20000 || '@example.org', \
           'Dr. ' || (ARRAY['Ada', 'Eva', 'Uwe'])[n % 3 + 1] || ' ' || CASE n % 20 WHEN 7 THEN 'Wolf' ELSE 'Klein' END, \
           'a@example.org', 'Vermittlung', CASE WHEN n % 100 = 0 THEN 'Fehlgeschlagen' WHEN n % 100 = 1 THEN 'Entwurf' ELSE 'Gesendet' END, \
           CASE WHEN n % 100 = 0 THEN 'endgueltig' END, n % 4 = 3, CASE WHEN n % 2 = 0 THEN n / 30 + 1 END, n::text, at, at, 1, at, at \
         FROM generate_series(1, {rows}) n, \
           LATERAL (SELECT timestamptz '{}' - ({rows} - n) * interval '30 seconds' AS at) moment; \
         ANALYZE communication_service.emails",
        instant().to_rfc3339()
    )
}

type Set = fn(&mut EmailFilter);

/// Each filter, and the index that has its rows newest first. What many rows have may as well be found among all,
/// and the few that are under way by their leases.
const ANY: &str = "_idx on emails";
const FILTERS: &[(&str, Set)] = &[
    ("emails_newest_idx", |_| {}),
    ("emails_therapist_idx", |filter| {
        filter.therapist_id = Some(8)
    }),
    ("emails_patient_idx", |filter| filter.patient_id = Some(11)),
    (ANY, |filter| {
        filter.recipient_type = Some(RecipientType::Therapist);
    }),
    ("emails_to_patients_idx", |filter| {
        filter.recipient_type = Some(RecipientType::Patient);
    }),
    (ANY, |filter| filter.status = Some(EmailStatus::Gesendet)),
    ("emails_status_idx", |filter| {
        filter.status = Some(EmailStatus::Fehlgeschlagen)
    }),
    (ANY, |filter| {
        filter.status = Some(EmailStatus::WirdGesendet)
    }),
    ("emails_fehlerart_idx", |filter| {
        filter.fehlerart = Some(Fehlerart::Endgueltig)
    }),
    (ANY, |filter| filter.antwort_erhalten = Some(true)),
    (ANY, |filter| filter.antwort_erhalten = Some(false)),
    ("emails_therapeutenanfrage_idx", |filter| {
        filter.therapeutenanfrage_id = Some(20)
    }),
    ("emails_newest_idx", |filter| {
        filter.created_from = Some(days_ago(20))
    }),
    ("emails_newest_idx", |filter| {
        filter.created_before = Some(days_ago(10))
    }),
    ("emails_newest_idx", |filter| {
        filter.created_from = Some(days_ago(20));
        filter.created_before = Some(days_ago(19));
    }),
];

/// Words of every email, of every third, of every 20th, of one, of none; and two words.
const WORDS: &[&str] = &[
    "anfrage",
    "ada",
    "wolf",
    "777",
    "nirgends",
    "ada wolf",
    "anfrage 777",
];

fn days_ago(days: i64) -> DateTime<Utc> {
    instant() - TimeDelta::days(days)
}

fn only(set: Set) -> EmailFilter {
    let mut filter = EmailFilter::default();
    set(&mut filter);
    filter
}

#[tokio::test(flavor = "multi_thread")]
async fn no_list_reads_the_whole_table() {
    let watched = Watched::start().await;
    for (index, set) in FILTERS {
        watched
            .assert_reads_no_whole_table(&only(*set), Some(index))
            .await;
    }
    for status in EmailStatus::ALL {
        for (_, set) in FILTERS {
            let filter = EmailFilter {
                status: Some(*status),
                ..only(*set)
            };
            watched.assert_reads_no_whole_table(&filter, None).await;
        }
    }
    for words in WORDS {
        let suchworte = Some(Suchworte::parse("q", words).unwrap());
        for status in [
            None,
            Some(EmailStatus::Gesendet),
            Some(EmailStatus::Fehlgeschlagen),
            Some(EmailStatus::Entwurf),
        ] {
            let filter = EmailFilter {
                suchworte: suchworte.clone(),
                status,
                ..EmailFilter::default()
            };
            watched.assert_reads_no_whole_table(&filter, None).await;
        }
    }
}
