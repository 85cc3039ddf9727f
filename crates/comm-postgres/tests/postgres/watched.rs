//! The plans of reads, as PostgreSQL itself reports them while the store reads: its own statements with its own
//! parameters, planned by default settings. `COMM_LIST_ROWS=100000` is quicker where somebody tries something.

use crate::support::store_with;
use comm_devkit::postgres::{Cluster, ClusterOptions};
use comm_ports::outreach::OutreachStore;
use comm_postgres::{DatabaseConfig, PgStore, migrations};
use std::fmt::Debug;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use tokio::sync::{Mutex, MutexGuard};

/// As many as the lists are promised to stay fast for; smaller tables are read whole.
const ROWS: u32 = 1_000_000;
/// From the sixth time on, PostgreSQL may prefer a plan that does not know the parameters.
const TIMES: usize = 6;
/// Indexes are made once the tables are full, which is quicker.
const WITHOUT_INDEXES: &str = "SET maintenance_work_mem = '256MB'; \
     CREATE TEMP TABLE later AS SELECT schemaname, indexname, indexdef FROM pg_indexes \
     WHERE schemaname = 'communication_service' AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname); \
     DO $$ DECLARE one record; BEGIN FOR one IN SELECT * FROM later LOOP \
       EXECUTE format('DROP INDEX %I.%I', one.schemaname, one.indexname); END LOOP; END $$";
const WITH_INDEXES: &str = "DO $$ DECLARE one record; BEGIN FOR one IN SELECT * FROM later LOOP \
       EXECUTE one.indexdef; END LOOP; END $$; ANALYZE";

/// A table of this size takes a few gigabytes.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

pub(crate) struct Watched {
    cluster: Cluster,
    pub(crate) store: PgStore,
    pub(crate) rows: u32,
    _turn: MutexGuard<'static, ()>,
}

impl Watched {
    /// A store over a database that was filled with so many rows.
    pub(crate) async fn start(fill: fn(u32) -> String) -> Self {
        let turn = ONE_AT_A_TIME.lock().await;
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
        client.batch_execute(WITHOUT_INDEXES).await.unwrap();
        client.batch_execute(&fill(rows)).await.unwrap();
        client.batch_execute(WITH_INDEXES).await.unwrap();
        let explain = "ALTER DATABASE lists SET session_preload_libraries = 'auto_explain'; \
             ALTER DATABASE lists SET auto_explain.log_min_duration = 0";
        client.batch_execute(explain).await.unwrap();
        let store = store_with(&config);
        Self {
            cluster,
            store,
            rows,
            _turn: turn,
        }
    }

    fn log(&self) -> PathBuf {
        self.cluster.folder().join("postgres.log")
    }

    /// The plans that a read of this table leads to.
    async fn plans(&self, table: &str, read: impl AsyncFn()) -> String {
        let mut log = fs::File::open(self.log()).unwrap();
        log.seek(SeekFrom::End(0)).unwrap();
        read().await;
        assert!(self.store.ready().await.unwrap());
        let mut new = String::new();
        log.read_to_string(&mut new).unwrap();
        assert!(
            new.contains("Query Text: ") && new.contains(&format!("on {table}")),
            "{new}"
        );
        new
    }

    /// Reads again and again; `what` says what was read.
    pub(crate) async fn assert_reads_no_whole_table(
        &self,
        table: &str,
        read: impl AsyncFn(),
        index: Option<&str>,
        what: &impl Debug,
    ) {
        for _ in 0..TIMES {
            let plans = self.plans(table, &read).await;
            let whole = plans.contains(&format!("Seq Scan on {table}"));
            assert!(!whole, "{what:?}\n{plans}");
            assert!(!plans.contains("JIT:"), "{what:?} is compiled\n{plans}");
            let expected = index.is_none_or(|index| plans.contains(index));
            assert!(expected, "{what:?} does not read {index:?}\n{plans}");
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
