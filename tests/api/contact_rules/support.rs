//! A week of August with contact rules.

use crate::telefonanrufe::support::Woche;
use comm_tests::{Answer, World, email};
use serde_json::{Value, json};
use std::ops::Deref;

/// A service on a Monday at seven.
pub(super) struct Regeln {
    woche: Woche,
}

impl Deref for Regeln {
    type Target = Woche;

    fn deref(&self) -> &Woche {
        &self.woche
    }
}

impl Regeln {
    /// Clients are warned.
    pub(super) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With this rule for clients.
    pub(super) async fn clients(rule: &str, enforced: &str) -> Self {
        let name = format!("COMM__CONTACT_RULES__CLIENTS__{rule}");
        Self::with(&[(&name, enforced)]).await
    }

    pub(super) async fn with(settings: &[(&str, &str)]) -> Self {
        let world = settings.iter();
        let world = world.fold(World::without_kafka().await, |world, (name, value)| {
            world.set(name, value)
        });
        Self {
            woche: Woche::at("07:00", world).await,
        }
    }

    /// What a mail to therapist 7 with these fields is answered.
    pub(super) async fn mail(&self, fields: Value) -> Answer {
        self.client.post("/api/emails", &email(fields)).await
    }

    /// What a mail that is to be sent is answered.
    pub(super) async fn queue(&self) -> Answer {
        self.mail(json!({"status": "In_Warteschlange"})).await
    }

    /// What a `PUT` to a mail is answered.
    pub(super) async fn change(&self, email: &Value, fields: Value) -> Answer {
        let path = format!("/api/emails/{}", email["id"]);
        self.client.put(&path, &fields).await
    }

    /// Changes the columns of a mail past the service.
    pub(super) async fn set(&self, email: &Value, columns: &str) {
        let sql = format!(
            "UPDATE communication_service.emails SET {columns} WHERE id = {}",
            email["id"]
        );
        self.world.execute(&sql).await;
    }

    /// An answered mail of that many days ago, which counts as a mail no longer.
    pub(super) async fn refused_by_mail(&self, days: i32) {
        let email = self.mail(json!({})).await.expect(201).body;
        let refusal = json!({"antwort_erhalten": true, "antwort_art": "abgelehnt"});
        self.change(&email, refusal).await.expect(200);
        let ago = format!("antwortdatum = antwortdatum - interval '{days} days'");
        self.set(&email, &ago).await;
    }
}

/// The rule that an answer warns of, and from when on it does not.
pub(super) fn warning(answer: &Answer) -> Option<(&str, Option<&str>)> {
    let warnung = answer.body.get("kontaktwarnung")?;
    let day = warnung["naechster_kontakt_moeglich"].as_str();
    Some((warnung["grund"].as_str().unwrap(), day))
}

/// That the contact was refused by this rule, which ends on this day.
pub(super) fn assert_refused(answer: &Answer, grund: &str, day: Option<&str>) {
    assert_eq!(answer.status, 409, "{:#}", answer.body);
    assert_eq!(answer.body["grund"], grund);
    assert_eq!(answer.body["naechster_kontakt_moeglich"].as_str(), day);
    assert!(answer.message().contains(grund), "{}", answer.message());
}
