//! Contacts of therapists, in the week of `telefonanrufe::support`.

use crate::telefonanrufe::support::Woche;
use comm_tests::Answer;
use serde_json::Value;

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
}
