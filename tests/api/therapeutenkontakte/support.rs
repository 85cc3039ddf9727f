//! Contacts of therapists, in the week of `follow_ups::support`, whose Monday is today.

use crate::follow_ups::support::Stille;
use crate::telefonanrufe::support::Woche;
use comm_tests::{Answer, email};
use serde_json::{Value, json};

impl Woche {
    /// What blocking a therapist by hand is answered.
    pub(super) async fn put_sperre(&self, therapist: i64, body: &Value) -> Answer {
        let path = format!("/api/therapists/{therapist}/kontaktsperre");
        self.client.put(&path, body).await
    }

    /// Blocks a therapist by hand.
    pub(super) async fn block(&self, therapist: i64, body: Value) -> Value {
        self.put_sperre(therapist, &body).await.expect(200).body
    }

    /// A page of contacts.
    pub(super) async fn contacts(&self, therapist: i64, query: &str) -> Value {
        let path = format!("/api/therapists/{therapist}/kontakte?{query}");
        self.client.get(&path).await.expect(200).body
    }

    /// A mail that waits.
    pub(super) async fn queued(&self, therapist: i64) -> Value {
        let fields = json!({"therapist_id": therapist, "status": "In_Warteschlange"});
        let answer = self.client.post("/api/emails", &email(fields)).await;
        answer.expect(201).body
    }

    /// That the directory said this of a therapist when it was asked last.
    pub(super) async fn copy(&self, therapist: i64, daten: Value) {
        let sql = format!(
            "INSERT INTO communication_service.verzeichnis_kopien VALUES ('therapist', {therapist}, '{daten}', now())"
        );
        self.world.execute(&sql).await;
    }
}

impl Stille {
    /// A therapist who refused by phone today.
    pub(super) async fn refused(&self, therapist: i64) {
        let made = json!({"therapist_id": therapist, "status": "abgeschlossen", "ergebnis_art": "abgelehnt"});
        self.create(made).await;
    }
}

/// One value of each row.
pub(super) fn each<'a>(list: &'a Value, name: &str) -> Vec<&'a Value> {
    let rows = list["data"].as_array().unwrap().iter();
    rows.map(|row| &row[name]).collect()
}

/// The therapists of a list.
pub(super) fn therapists(list: &Value) -> Vec<i64> {
    let ids = each(list, "therapist_id").into_iter();
    ids.map(|id| id.as_i64().unwrap()).collect()
}

/// That nothing speaks against a contact.
pub(super) fn free() -> Value {
    json!({"moeglich": true, "warnung": false, "grund": null, "naechster_kontakt_moeglich": null})
}

/// That this rule speaks against a contact until this day.
pub(super) fn not_before(grund: &str, day: &str) -> Value {
    json!({"moeglich": false, "warnung": false, "grund": grund, "naechster_kontakt_moeglich": day})
}

/// What the directory says of a therapist of this name who may have a place.
pub(super) fn available(name: &str) -> Value {
    json!({"name": name, "potenziell_verfuegbar": true, "potenziell_verfuegbar_notizen": "ab Mai"})
}

/// The same of one who has none.
pub(super) fn unavailable(name: &str) -> Value {
    json!({"name": name, "potenziell_verfuegbar": false})
}
