//! A week of August in which mails have been silent for a while.

use crate::telefonanrufe::support::Woche;
use comm_tests::{Answer, World};
use serde_json::{Value, json};
use std::ops::Deref;

/// Nothing is imported history here: what is sent in August was sent before the database was set up.
const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// A service on a Monday at seven, and mails that were sent before.
pub(crate) struct Stille {
    woche: Woche,
}

impl Deref for Stille {
    type Target = Woche;

    fn deref(&self) -> &Woche {
        &self.woche
    }
}

impl Stille {
    /// Serves and does nothing by itself.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Likewise, with these variables set.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        Self::serving(settings, &["--no-worker"]).await
    }

    /// Likewise, with these flags.
    pub(crate) async fn serving(settings: &[(&str, &str)], flags: &[&str]) -> Self {
        let long_ago = ("COMM__FOLLOWUP__NOT_BEFORE", LONG_AGO);
        let settings = [&[long_ago], settings].concat();
        let world = settings.iter();
        let world = world.fold(World::without_kafka().await, |world, (name, value)| {
            world.set(name, value)
        });
        Self {
            woche: Woche::serving("07:00", world, flags).await,
        }
    }

    /// A mail that was sent so many days ago, with these fields.
    pub(crate) async fn sent(&self, days: i32, fields: Value) -> Value {
        let answer = self
            .client
            .post("/api/emails", &comm_tests::email(fields))
            .await;
        let email = answer.expect(201).body;
        let sent = json!({"status": "Gesendet"});
        self.change(&email, sent).await.expect(200);
        self.ago(&email, days).await;
        email
    }

    /// The mail was sent so many days ago.
    pub(crate) async fn ago(&self, email: &Value, days: i32) {
        let sql = format!(
            "UPDATE communication_service.emails SET gesendet_am = gesendet_am - interval '{days} days' WHERE id = {}",
            email["id"]
        );
        self.world.execute(&sql).await;
    }

    /// What a `PUT` to a mail is answered.
    pub(crate) async fn change(&self, email: &Value, fields: Value) -> Answer {
        let path = format!("/api/emails/{}", email["id"]);
        self.client.put(&path, &fields).await
    }

    /// What a run reports.
    pub(crate) async fn run(&self) -> Value {
        let answer = self.client.post("/api/follow-ups/run", &json!({})).await;
        answer.expect(200).body
    }

    /// What a dry run reports.
    pub(crate) async fn dry_run(&self) -> Value {
        let path = "/api/follow-ups/run?dry_run=true";
        self.client.post(path, &json!({})).await.expect(200).body
    }

    /// How many decisions are stored, and what they are.
    pub(crate) async fn decisions(&self) -> String {
        let sql = "SELECT coalesce(string_agg(concat_ws(' ', email_id, entscheidung, grund, telefonanruf_id, CASE WHEN NOT endgueltig THEN 'vorerst' END), ', ' \
             ORDER BY email_id), '') FROM communication_service.nachverfolgungen";
        self.world.text(sql).await
    }
}

/// The one row of a report.
pub(crate) fn only(report: &Value) -> &Value {
    let rows = report["data"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{report:#}");
    &rows[0]
}

/// What came of an email, and why there is no call.
pub(crate) fn verdict<'a>(report: &'a Value, email: &Value) -> (&'a str, Option<&'a str>) {
    let row = row(report, email);
    (row["entscheidung"].as_str().unwrap(), row["grund"].as_str())
}

/// The row of an email.
pub(crate) fn row<'a>(report: &'a Value, email: &Value) -> &'a Value {
    let mut rows = report["data"].as_array().unwrap().iter();
    rows.find(|row| row["email_id"] == email["id"]).unwrap()
}
