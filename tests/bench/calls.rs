//! `POST /api/phone-calls` that looks for a slot, against `pgbench` with the same inserts under the same constraints.

use crate::load::{self, Load, Requests};
use crate::place::{self, Place};
use crate::post::pgbench;
use crate::report::{Figure, Row, median};
use comm_tests::Client;
use std::sync::Arc;
use std::time::{Duration, Instant};

const CLIENTS: usize = 16;
const ROUNDS: usize = 3;
const TIME: Duration = Duration::from_secs(4);
const THERAPISTS: u64 = 5_000;
const DAY_LIST: u32 = 500;
const REQUESTS: usize = 50;

/// Hours by hand: for many therapists a morning of every weekday, for the one alone all day.
const HOURS: &str = "INSERT INTO communication_service.erreichbarkeiten (therapist_id, erreichbarkeit) \
     SELECT n, '{\"monday\": [{\"start\": \"09:00\", \"end\": \"12:00\"}], \"tuesday\": [{\"start\": \"09:00\", \"end\": \"12:00\"}], \
       \"wednesday\": [{\"start\": \"09:00\", \"end\": \"12:00\"}], \"thursday\": [{\"start\": \"09:00\", \"end\": \"12:00\"}], \
       \"friday\": [{\"start\": \"09:00\", \"end\": \"12:00\"}]}'::jsonb FROM generate_series(1, 5000) AS n; \
     INSERT INTO communication_service.erreichbarkeiten (therapist_id, erreichbarkeit) \
     SELECT 9999, jsonb_object_agg(day, '[{\"start\": \"00:00\", \"end\": \"24:00\"}]'::jsonb) \
     FROM unnest(ARRAY['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']) AS day";

pub(crate) async fn measure(place: &Place) -> Vec<String> {
    let many: Requests = Arc::new(|nth| call(1 + nth % THERAPISTS));
    let one: Requests = Arc::new(|_| call(9999));
    let rows = [
        row(
            place,
            "5,000 therapists with hours by hand",
            many,
            "1 + n % 5000",
        )
        .await,
        row(place, "one therapist with all hours", one, "9999").await,
    ];
    let mut lines: Vec<String> = rows.iter().map(ToString::to_string).collect();
    lines.push(day_list(place).await.to_string());
    lines
}

fn call(therapist: u64) -> Vec<u8> {
    load::post(
        "/api/phone-calls",
        &format!("{{\"therapist_id\": {therapist}}}"),
    )
}

async fn row(place: &Place, whom: &str, requests: Requests, therapist: &str) -> Row {
    let (mut loads, mut references) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let url = place.database().await;
        Place::sql(&url, HOURS).await;
        loads.push(service(&url, Arc::clone(&requests)).await);
        let script = script(&url, therapist).await;
        let url = place.database().await;
        Place::sql(&url, "CREATE SEQUENCE slots MINVALUE 0").await;
        references.push(pgbench(&url, &script, CLIENTS).await);
    }
    let millis = |pick: fn(&Load) -> Duration| {
        let millis = |load| pick(load).as_secs_f64() * 1000.0;
        median(loads.iter().map(millis).collect())
    };
    Row {
        what: format!("POST /api/phone-calls that finds a slot, {CLIENTS} connections, {whom}"),
        ours: median(loads.iter().map(|load| load.per_second).collect()),
        reference: median(references),
        against: format!("pgbench, the same inserts under the same constraints, {CLIENTS} clients"),
        note: format!(
            "p50 {:.1} ms, p99 {:.1} ms",
            millis(|load| load.p50),
            millis(|load| load.p99)
        ),
    }
}

/// Stops before the slots of the one therapist run out.
async fn service(url: &str, requests: Requests) -> Load {
    let horizon = [("COMM__CALLS__HORIZON_DAYS", "60".to_owned())];
    let service = place::start(url, &horizon, &["--no-worker"]).await;
    let load = load::run(service.client.port(), requests, CLIENTS, TIME, None).await;
    let reported = "SELECT (count(*) = (SELECT count(*) FROM communication_service.outbox))::int::bigint \
         FROM communication_service.telefonanrufe";
    assert_eq!(Place::number(url, reported).await, 1);
    service.stop().await;
    load
}

/// The row of contact state, the call and its event, each slot another one.
async fn script(url: &str, therapist: &str) -> String {
    let payload = "SELECT max(octet_length(payload))::bigint FROM communication_service.outbox";
    let payload = Place::number(url, payload).await;
    format!(
        "BEGIN;
SELECT n, {therapist} AS t FROM nextval('slots') AS n \\gset
INSERT INTO communication_service.kontaktstand (art, person_id) VALUES ('therapist', :t)
 ON CONFLICT (art, person_id) DO UPDATE SET art = excluded.art;
INSERT INTO communication_service.telefonanrufe (therapist_id, geplantes_datum, geplante_zeit, dauer_minuten, status, versuch,
 created_at, updated_at, sequence)
VALUES (:t, date '2030-01-01' + (:n / 288)::int, time '00:00' + (:n % 288) * interval '5 minutes', 5, 'geplant', 1, now(), now(), 1);
INSERT INTO communication_service.outbox (event_id, event_type, aggregate, aggregate_id, sequence, topic, key, payload, traceparent, occurred_at)
VALUES (gen_random_uuid(), 'communication.call_scheduled', 'telefonanruf', currval('communication_service.telefonanrufe_id_seq'), 1,
 'communication-events', '1', convert_to(repeat('z', {payload}), 'UTF8'), '00-00000000000000000000000000000000-0000000000000000-00', now());
COMMIT;
"
    )
}

/// The staff's list of a day with 500 calls.
async fn day_list(place: &Place) -> Figure {
    let url = place.database().await;
    let fill = format!(
        "INSERT INTO communication_service.telefonanrufe (therapist_id, geplantes_datum, geplante_zeit, dauer_minuten, status, versuch, \
           bearbeiter, created_at, updated_at, sequence) \
         SELECT n, date '2030-01-02', time '08:00' + (n % 120) * interval '5 minutes', 5, 'geplant', 1, 'Jana', now(), now(), 1 \
         FROM generate_series(1, {DAY_LIST}) AS n; ANALYZE"
    );
    Place::sql(&url, &fill).await;
    let service = place::start(&url, &[], &["--no-worker"]).await;
    let mut times = Vec::new();
    for _ in 0..REQUESTS {
        times.push(seconds(&service.client).await);
    }
    service.stop().await;
    Figure {
        what: format!("GET /api/phone-calls/tagesliste with {DAY_LIST} calls"),
        measured: format!("{:.1} ms (median of {REQUESTS})", median(times) * 1000.0),
        target: "under 10 ms",
    }
}

async fn seconds(client: &Client) -> f64 {
    let begun = Instant::now();
    let path = "/api/phone-calls/tagesliste?datum=2030-01-02";
    client.get(path).await.expect(200);
    begun.elapsed().as_secs_f64()
}
