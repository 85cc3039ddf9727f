//! Who is called first.

use super::support::{Stille, row};
use crate::telefonanrufe::support::slot;
use comm_tests::DirectoryServer;
use serde_json::{Value, json};

#[tokio::test]
async fn whoever_may_have_a_place_comes_first_then_the_longest_waiting() {
    let directory = DirectoryServer::of_people().await;
    for id in [7, 8, 9] {
        let record = json!({"id": id, "nachname": "Beispiel", "potenziell_verfuegbar": id == 9,
            "telefonische_erreichbarkeit": {"Di": ["11:00-12:00"]}});
        directory.knows(&format!("/api/therapists/{id}"), record);
    }
    let url = directory.url();
    // With one seat the order shows in the slots, too.
    let settings = [
        ("THERAPIST_SERVICE_URL", url.as_str()),
        ("COMM__CALLS__SEATS", "1"),
    ];
    let stille = Stille::with(&settings).await;
    let younger = stille.sent(8, json!({"therapist_id": 7})).await;
    let older = stille.sent(12, json!({"therapist_id": 8})).await;
    let available = stille.sent(7, json!({"therapist_id": 9})).await;
    let said = stille.dry_run().await;
    let report = stille.run().await;
    let order = [available, older, younger];
    for (place, email) in order.iter().enumerate() {
        assert_eq!(report["data"][place]["email_id"], email["id"]);
        let time = format!("11:{:02}", 5 * place);
        assert_eq!(
            slot(row(&report, email)),
            (stille.tomorrow(), time.as_str())
        );
        assert_eq!(slot(row(&said, email)), slot(row(&report, email)));
    }
}

/// More therapists than one transaction takes.
#[tokio::test]
async fn a_trial_gives_no_seat_away_twice() {
    let stille = Stille::with(&[("COMM__CALLS__SEATS", "1")]).await;
    stille.sent(7, json!({})).await;
    let columns = "betreff, inhalt_html, inhalt_text, legal_footer, empfaenger_email, empfaenger_name, absender_email, \
         absender_name, status, gesendet_am, prioritaet, rang, created_at, updated_at, sequence";
    let many = format!(
        "INSERT INTO communication_service.emails (id, therapist_id, message_id, {columns}) \
         SELECT 1000 + n, 1000 + n, n::text, {columns} FROM communication_service.emails, generate_series(1, 60) AS n"
    );
    stille.world.execute(&many).await;
    let slots = |report: &Value| {
        let rows = report["data"].as_array().unwrap().iter();
        let slots = rows.map(|row| (row["geplantes_datum"].clone(), row["geplante_zeit"].clone()));
        slots.collect::<Vec<_>>()
    };
    let said = slots(&stille.dry_run().await);
    assert_eq!(said.len(), 61);
    let mut apart = said.clone();
    apart.sort_by_key(|slot| format!("{slot:?}"));
    apart.dedup();
    assert_eq!(apart.len(), 61, "{said:?}");
    assert_eq!(slots(&stille.run().await), said);
}
