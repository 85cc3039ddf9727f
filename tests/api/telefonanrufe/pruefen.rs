//! `GET /api/therapists/{id}/erreichbarkeit/pruefen`: whether a time suits, and if not, why.

use super::support::{Woche, slot};
use crate::setup::assert_problem;
use comm_tests::World;
use serde_json::{Value, json};

impl Woche {
    async fn check(&self, day: &str, time: &str) -> Value {
        let path = format!("/api/therapists/7/erreichbarkeit/pruefen?datum={day}&zeit={time}");
        self.client.get(&path).await.expect(200).body
    }

    /// Fails unless these are the reasons against a time.
    async fn assert_reasons(&self, (day, time): (&str, &str), gruende: &[&str]) -> Value {
        let checked = self.check(day, time).await;
        assert_eq!(checked["gruende"], json!(gruende), "{checked}");
        assert_eq!(checked["erreichbar"], gruende.is_empty());
        assert_eq!(checked["grund"], json!(gruende.first()));
        assert_eq!(slot(&checked), (day, time));
        checked
    }
}

#[tokio::test]
async fn a_time_inside_the_hours_suits() {
    let woche = Woche::start().await;
    woche
        .keep_hours(7, json!({"tuesday": ["09:00-12:00"]}))
        .await;
    let checked = woche.check(woche.tomorrow(), "9:00").await;
    let expected = json!({
        "datum": woche.tomorrow(), "zeit": "09:00", "dauer_minuten": 5, "erreichbar": true, "grund": null,
        "gruende": [], "naechster_kontakt_moeglich": null,
        "naechster_freier_termin": {"datum": woche.tomorrow(), "zeit": "09:00"},
        "erreichbarkeit": {
            "telefonische_erreichbarkeit": {"tuesday": [{"start": "09:00", "end": "12:00"}]}, "quelle": "von_hand",
            "stand": null, "fehler": [], "hinweise": [],
        },
    });
    assert_eq!(checked, expected);
    // Inside of the window, but not wholly.
    woche
        .assert_reasons((woche.tomorrow(), "11:57"), &["ausserhalb_der_zeiten"])
        .await;
    let path = format!(
        "/api/therapists/7/erreichbarkeit/pruefen?datum={}&zeit=11:00&dauer_minuten=65",
        woche.tomorrow()
    );
    let longer = woche.client.get(&path).await.expect(200).body;
    assert_eq!(
        (&longer["dauer_minuten"], &longer["grund"]),
        (&json!(65), &json!("ausserhalb_der_zeiten"))
    );
}

#[tokio::test]
async fn every_reason_against_a_time_is_named_the_one_that_changes_last_first() {
    let woche = Woche::at(
        "09:00",
        World::without_kafka().await.set("COMM__CALLS__SEATS", "1"),
    )
    .await;
    let (today, tomorrow) = (woche.today(), woche.tomorrow());
    woche.assert_reasons((tomorrow, "10:00"), &[]).await;
    woche
        .assert_reasons((tomorrow, "13:00"), &["ausserhalb_der_zeiten"])
        .await;
    woche.assert_reasons((today, "09:30"), &["vorlauf"]).await;
    woche
        .assert_reasons((woche.day(5), "10:00"), &["ausserhalb_der_zeiten"])
        .await;
    let unity = woche
        .date("date_trunc('year', MONDAY) + interval '9 months 2 days'")
        .await;
    let holiday = woche.check(&unity, "10:00").await;
    assert!(
        holiday["gruende"]
            .as_array()
            .unwrap()
            .contains(&json!("feiertag")),
        "{holiday}"
    );
    let skipped = woche.night_of_the_skipped_hour().await;
    woche
        .keep_hours(
            7,
            json!({"so": ["00:00-24:00"], "di": ["09:00-12:00"], "mo": ["09:00-12:00"]}),
        )
        .await;
    woche
        .assert_reasons((&skipped, "02:30"), &["ausserhalb_der_zeiten"])
        .await;
    woche.assert_reasons((&skipped, "03:00"), &[]).await;

    woche
        .create(json!({"therapist_id": 8, "geplante_zeit": "10:00"}))
        .await;
    woche
        .assert_reasons((tomorrow, "10:00"), &["kein_platz"])
        .await;
    let call = woche
        .create(json!({"therapist_id": 7, "geplante_zeit": "11:00"}))
        .await;
    let taken = woche
        .assert_reasons((tomorrow, "11:00"), &["belegt", "kein_platz"])
        .await;
    assert_eq!(slot(&taken["naechster_freier_termin"]), (tomorrow, "09:00"));
    let refused = json!({"status": "abgeschlossen", "ergebnis_art": "abgelehnt"});
    woche.put(&call, refused).await.expect(200);
    let cooling = woche
        .assert_reasons((tomorrow, "11:00"), &["sperrfrist"])
        .await;
    assert_eq!(cooling["naechster_kontakt_moeglich"], woche.day(28));
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_named() {
    let woche = Woche::start().await;
    let cases = [
        ("zeit=10:00", "datum is required"),
        ("datum=&zeit=10:00", "datum is required"),
        ("datum=2030-01-01", "zeit is required"),
        (
            "datum=1.1.2030&zeit=10:00",
            "datum must be a date like 2026-01-31",
        ),
        ("datum=2030-01-01&zeit=10", "zeit must be a time of day"),
        ("datum=2030-01-01&zeit=24:00", "zeit must be a time of day"),
        (
            "datum=2030-01-01&zeit=10:00:30",
            "zeit must be a time of day",
        ),
        (
            "datum=2030-01-01&zeit=10:00&dauer_minuten=7",
            "dauer_minuten",
        ),
        (
            "datum=2030-01-01&zeit=10:00&dauer_minuten=x",
            "dauer_minuten",
        ),
    ];
    for (query, words) in cases {
        let path = format!("/api/therapists/7/erreichbarkeit/pruefen?{query}");
        assert_problem(&woche.client.get(&path).await, 400, words);
    }
}
