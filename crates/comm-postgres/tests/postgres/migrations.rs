//! The migrations forth and back, and the plans of the hot statements.

use crate::support::{db, store};
use comm_devkit::postgres::{Cluster, ClusterOptions};
use comm_ports::outreach::OutreachStore;
use comm_postgres::{DatabaseConfig, migrations};

#[tokio::test(flavor = "multi_thread")]
async fn migrations_go_forth_and_back_and_two_instances_do_not_collide() {
    let cluster = Cluster::start(ClusterOptions::temporary()).await.unwrap();
    cluster.ensure_database("fresh").await.unwrap();
    let config = DatabaseConfig::for_url(&cluster.url("fresh"));
    let store = store(&cluster.url("fresh"));
    assert!(!store.ready().await.unwrap());
    let twice = [config.clone(), config.clone()].map(|config| {
        tokio::spawn(async move { migrations::migrate(&config).await.unwrap().len() })
    });
    let mut applied = 0;
    for migration in twice {
        applied += migration.await.unwrap();
    }
    assert!(applied >= 2);
    assert!(store.ready().await.unwrap());
    assert_eq!(
        migrations::revert_all(&config).await.unwrap().len(),
        applied
    );
    assert!(!store.ready().await.unwrap());
    assert_eq!(migrations::migrate(&config).await.unwrap().len(), applied);
}

#[tokio::test]
async fn every_table_and_column_has_a_comment() {
    let db = db().await;
    let missing = "SELECT count(*) FROM information_schema.columns \
         JOIN pg_class ON pg_class.oid = format('%I.%I', table_schema, table_name)::regclass \
         WHERE table_schema = 'communication_service' AND table_name NOT LIKE '\\_\\_diesel%' \
           AND (col_description(pg_class.oid, ordinal_position) IS NULL OR obj_description(pg_class.oid) IS NULL)";
    assert_eq!(db.number(missing).await, 0);
}

#[tokio::test]
async fn lists_queue_and_outbox_never_read_a_whole_table() {
    let db = db().await;
    db.sql(
        "INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, legal_footer, \
           empfaenger_email, empfaenger_name, absender_email, absender_name, status, message_id, \
           created_at, updated_at, sequence, faellig_am, gesendet_am) \
         SELECT n % 500 + 1, 'b', 'h', 't', false, 'a@example.org', 'n', 'b@example.org', 'n', \
           CASE WHEN n % 1000 = 0 THEN 'In_Warteschlange' ELSE 'Gesendet' END, 'm' || n, \
           now() - make_interval(secs => n), now(), 1, now(), now() FROM generate_series(1, 20000) n; \
         INSERT INTO communication_service.outbox (event_id, event_type, aggregate, aggregate_id, sequence, topic, key, \
           payload, traceparent, occurred_at, published_at) \
         SELECT gen_random_uuid(), 't', 'email', n, 1, 't', 'k', 'p', 't', now(), CASE WHEN n > 10 THEN now() END \
           FROM generate_series(1, 20000) n; \
         INSERT INTO communication_service.consumed_events (event_key, event_type, topic, partition, position, consumed_at) \
         SELECT n::text, 't', 't', 0, n, now() - make_interval(mins => n) FROM generate_series(1, 20000) n; \
         INSERT INTO communication_service.anrufwuensche (event_key, patient_id, empfangen_am) \
         SELECT n::text, n, now() - make_interval(mins => n) FROM generate_series(1, 20000) n; ANALYZE",
    )
    .await;
    let client = db.database.connect().await.unwrap();
    let list = "SELECT * FROM communication_service.emails WHERE geloescht_am IS NULL";
    let newest = "ORDER BY created_at DESC, id DESC LIMIT 21";
    for statement in [
        format!("{list} {newest}"),
        format!("{list} AND therapist_id = 7 {newest}"),
        format!("{list} AND status = 'In_Warteschlange' {newest}"),
        format!("{list} AND fehlerart = 'ausgang_unklar' {newest}"),
        format!("{list} AND created_at <= now() AND (created_at < now() OR (created_at = now() AND id < 5)) {newest}"),
        "SELECT id FROM communication_service.emails WHERE status = 'In_Warteschlange' AND faellig_am <= clock_timestamp() \
         ORDER BY rang, faellig_am LIMIT 10 FOR UPDATE SKIP LOCKED".to_owned(),
        "SELECT min(faellig_am) FROM communication_service.emails WHERE status = 'In_Warteschlange'".to_owned(),
        "SELECT * FROM communication_service.emails WHERE status = 'Wird_gesendet' AND gesperrt_bis < clock_timestamp() \
         ORDER BY id LIMIT 50 FOR UPDATE SKIP LOCKED".to_owned(),
        "SELECT event_key FROM communication_service.consumed_events WHERE consumed_at < clock_timestamp() - interval '5 days' \
         ORDER BY consumed_at LIMIT 1000 FOR UPDATE SKIP LOCKED".to_owned(),
        "SELECT max(consumed_at) FROM communication_service.consumed_events".to_owned(),
        "SELECT id FROM communication_service.anrufwuensche WHERE empfangen_am < clock_timestamp() - interval '5 days' \
         ORDER BY empfangen_am LIMIT 1000 FOR UPDATE SKIP LOCKED".to_owned(),
        "SELECT * FROM communication_service.outbox AS waiting WHERE published_at IS NULL AND parked_at IS NULL \
         AND NOT EXISTS (SELECT FROM communication_service.outbox AS parked WHERE parked.parked_at IS NOT NULL \
           AND parked.aggregate = waiting.aggregate AND parked.aggregate_id = waiting.aggregate_id) \
         ORDER BY priority, id LIMIT 2000".to_owned(),
        "SELECT id FROM communication_service.outbox WHERE published_at < now() - interval '7 days' LIMIT 1000".to_owned(),
        "SELECT count(*), min(queued_at) FROM communication_service.outbox WHERE published_at IS NULL AND parked_at IS NULL".to_owned(),
        "SELECT published_at - queued_at FROM communication_service.outbox \
         WHERE published_at > clock_timestamp() - interval '15 minutes' ORDER BY published_at DESC LIMIT 1000".to_owned(),
        "SELECT * FROM communication_service.outbox WHERE aggregate = 'email' AND aggregate_id = 7 ORDER BY id DESC LIMIT 50".to_owned(),
    ] {
        assert_reads_an_index(&client, &statement).await;
    }
}

#[tokio::test]
async fn keys_and_duties_never_read_a_whole_table() {
    let db = db().await;
    db.sql(
        "INSERT INTO communication_service.idempotency_keys (route, key, body_hash, status, body, created_at) \
         SELECT 'r', n, sha256('b'), 201, 'a', now() - make_interval(secs => n * 5) FROM generate_series(1, 20000) n; \
         INSERT INTO communication_service.kontaktmeldungen (patient_id, datum, faellig_am) \
         SELECT n, now(), CASE WHEN n > 19990 THEN now() END FROM generate_series(1, 20000) n; ANALYZE",
    )
    .await;
    let client = db.database.connect().await.unwrap();
    for statement in [
        "SELECT * FROM communication_service.idempotency_keys WHERE route = 'r' AND key = '7'",
        "SELECT route, key FROM communication_service.idempotency_keys WHERE created_at < now() - interval '24 hours' \
         ORDER BY created_at LIMIT 200 FOR UPDATE SKIP LOCKED",
        "SELECT patient_id FROM communication_service.kontaktmeldungen WHERE faellig_am <= clock_timestamp() \
         AND (gesperrt_bis IS NULL OR gesperrt_bis < clock_timestamp()) ORDER BY faellig_am LIMIT 8 FOR UPDATE SKIP LOCKED",
        "SELECT min(greatest(faellig_am, gesperrt_bis)) FROM communication_service.kontaktmeldungen \
         WHERE faellig_am IS NOT NULL",
    ] {
        assert_reads_an_index(&client, statement).await;
    }
}

#[tokio::test]
async fn copies_out_of_the_directories_never_read_a_whole_table() {
    let db = db().await;
    db.sql(
        "INSERT INTO communication_service.verzeichnis_kopien (art, person_id, daten, abgefragt_am) \
         SELECT art, n, json_build_object('name', repeat('x', 600)), now() - make_interval(mins => n) \
         FROM generate_series(1, 20000) n, unnest(ARRAY['therapist', 'patient']) art; ANALYZE",
    )
    .await;
    let client = db.database.connect().await.unwrap();
    let ids: Vec<String> = (1..=500).map(|id| (id * 7).to_string()).collect();
    for statement in [
        format!(
            "SELECT daten::text FROM communication_service.verzeichnis_kopien \
             WHERE art = 'therapist' AND person_id = ANY('{{{}}}')",
            ids.join(",")
        ),
        "SELECT art, person_id FROM communication_service.verzeichnis_kopien WHERE abgefragt_am < \
         clock_timestamp() - interval '6 days' ORDER BY abgefragt_am LIMIT 200 FOR UPDATE SKIP LOCKED"
            .to_owned(),
    ] {
        assert_reads_an_index(&client, &statement).await;
    }
}

async fn assert_reads_an_index(client: &tokio_postgres::Client, statement: &str) {
    let rows = client.query(&format!("EXPLAIN {statement}"), &[]).await;
    let lines: Vec<String> = rows.unwrap().iter().map(|row| row.get(0)).collect();
    let plan = lines.join("\n");
    assert!(!plan.contains("Seq Scan"), "{statement}\n{plan}");
}
