//! A service whose clock stands at the beginning of a week of August, in which Berlin has no public holiday: so
//! that no test depends on the day on which it runs.

use crate::setup::Api;
use comm_tests::{Answer, World};
use reqwest::Method;
use serde_json::{Value, json};
use std::ops::Deref;

/// The first Monday of August of this year.
const MONDAY: &str = "(SELECT d FROM generate_series(date_trunc('year', now()) + interval '7 months', \
     date_trunc('year', now()) + interval '7 months 6 days', interval '1 day') AS d \
     WHERE extract(isodow FROM d) = 1)::date";
/// How many days from that Monday on the tests can name.
const DAYS: usize = 250;

/// A service in that week, as it is on Monday at seven unless it says otherwise.
pub(crate) struct Woche {
    api: Api,
    days: Vec<String>,
    offset: String,
}

impl Deref for Woche {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

impl Woche {
    /// Serves and does nothing by itself.
    pub(crate) async fn start() -> Self {
        Self::at("07:00", World::without_kafka().await).await
    }

    /// Likewise, with this setting of the section `calls`.
    pub(crate) async fn with(name: &str, value: &str) -> Self {
        let world = World::without_kafka().await;
        Self::at("07:00", world.set(&format!("COMM__CALLS__{name}"), value)).await
    }

    /// Likewise on that Monday at this time.
    pub(crate) async fn at(time: &str, world: World) -> Self {
        Self::serving(time, world, &["--no-worker"]).await
    }

    /// Likewise with these flags.
    pub(crate) async fn serving(time: &str, world: World, flags: &[&str]) -> Self {
        let offset = format!(
            "SELECT extract(epoch FROM ({MONDAY} + time '{time}') AT TIME ZONE 'Europe/Berlin' - now())::bigint"
        );
        let offset = format!("{}s", world.number(&offset).await);
        let days = format!(
            "SELECT string_agg(to_char({MONDAY} + n, 'YYYY-MM-DD'), ',' ORDER BY n) FROM generate_series(0, {DAYS}) n"
        );
        let days = world.text(&days).await;
        let flags = [flags, &["--clock-offset", &offset]].concat();
        Self {
            api: Api::serving(world, &flags).await,
            days: days.split(',').map(str::to_owned).collect(),
            offset,
        }
    }

    /// How far its clock is off, for another instance.
    pub(crate) fn offset(&self) -> &str {
        &self.offset
    }

    /// So many days after the Monday.
    pub(crate) fn day(&self, nth: usize) -> &str {
        &self.days[nth]
    }

    /// The Monday, which is today.
    pub(crate) fn today(&self) -> &str {
        self.day(0)
    }

    /// The Tuesday.
    pub(crate) fn tomorrow(&self) -> &str {
        self.day(1)
    }

    /// A day of the database's calendar, relative to the Monday.
    pub(crate) async fn date(&self, sql: &str) -> String {
        let sql = format!("SELECT to_char({sql}, 'YYYY-MM-DD')").replace("MONDAY", MONDAY);
        self.world.text(&sql).await
    }

    /// The Sunday on which the clocks skip the hour from two to three.
    pub(crate) async fn night_of_the_skipped_hour(&self) -> String {
        let end_of_march = "date_trunc('year', MONDAY) + interval '1 year 3 months -1 day'";
        let to_sunday = format!("extract(dow FROM {end_of_march})::int * interval '1 day'");
        self.date(&format!("{end_of_march} - {to_sunday}")).await
    }

    /// What a `POST` is answered.
    pub(crate) async fn post(&self, fields: Value) -> Answer {
        self.client.post("/api/phone-calls", &fields).await
    }

    /// What a `POST` with an `Idempotency-Key` is answered.
    pub(crate) async fn post_once(&self, path: &str, key: &str, body: &Value) -> Answer {
        let sent = self.client.send(Method::POST, path, |request| {
            request.header("idempotency-key", key).json(body)
        });
        sent.await.unwrap()
    }

    /// A new call.
    pub(crate) async fn create(&self, fields: Value) -> Value {
        self.post(fields).await.expect(201).body
    }

    /// A new call to therapist 7 on Monday, in this state.
    pub(crate) async fn create_in(&self, status: &str) -> Value {
        let call = self.create(json!({"therapist_id": 7})).await;
        match status {
            "geplant" => call,
            _ => {
                self.end(
                    &call,
                    json!({"status": status, "ergebnis_art": "sonstiges"}),
                )
                .await
            }
        }
    }

    /// The call after this change, as it can be read.
    async fn end(&self, call: &Value, change: Value) -> Value {
        self.put(call, change).await.expect(200);
        self.get(call).await
    }

    /// What a `PUT` is answered.
    pub(crate) async fn put(&self, call: &Value, fields: Value) -> Answer {
        self.client.put(&path(call), &fields).await
    }

    /// The call as it is answered now.
    pub(crate) async fn get(&self, call: &Value) -> Value {
        self.client.get(&path(call)).await.expect(200).body
    }

    /// The call of this id.
    pub(crate) async fn by_id(&self, id: &Value) -> Value {
        self.get(&json!({"id": id})).await
    }

    /// A page of calls.
    pub(crate) async fn list(&self, query: &str) -> Value {
        let path = format!("/api/phone-calls?{query}");
        self.client.get(&path).await.expect(200).body
    }

    /// How many calls are stored, hidden ones included.
    pub(crate) async fn calls(&self) -> i64 {
        let sql = "SELECT count(*) FROM communication_service.telefonanrufe";
        self.world.number(sql).await
    }

    /// How many events of this type were stored.
    pub(crate) async fn events(&self, kind: &str) -> i64 {
        let sql = format!(
            "SELECT count(*) FROM communication_service.outbox WHERE event_type = '{kind}'"
        );
        self.world.number(&sql).await
    }

    /// Keeps telephone hours by hand.
    pub(crate) async fn keep_hours(&self, therapist: i64, hours: Value) {
        let answer = self.client.put(&hours_path(therapist), &hours).await;
        answer.expect(200);
    }
}

/// Where a call can be read and changed.
pub(crate) fn path(call: &Value) -> String {
    format!("/api/phone-calls/{}", call["id"])
}

/// Where the telephone hours of a therapist can be read and kept.
pub(crate) fn hours_path(therapist: i64) -> String {
    format!("/api/therapists/{therapist}/erreichbarkeit")
}

/// Day and time of a call or slot.
pub(crate) fn slot(of: &Value) -> (&str, &str) {
    let text = |name: &str| of[name].as_str();
    let datum = text("geplantes_datum").or_else(|| text("datum")).unwrap();
    let zeit = text("geplante_zeit").or_else(|| text("zeit")).unwrap();
    (datum, zeit)
}

/// The sentences that the staff reads, in one text.
pub(crate) fn hinweise(call: &Value) -> String {
    let list = call["hinweise"].as_array().unwrap().iter();
    list.map(|hinweis| hinweis.as_str().unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}
