//! `GET /api/phone-calls/statistik`.

use super::support::Woche;
use crate::setup::assert_problem;
use serde_json::{Value, json};

impl Woche {
    async fn figures(&self, query: &str) -> Value {
        let path = format!("/api/phone-calls/statistik?{query}");
        self.client.get(&path).await.expect(200).body
    }

    /// A call of this day that was made without a plan.
    async fn held(&self, day: &str, fields: Value) {
        let mut body =
            json!({"therapist_id": 7, "status": "abgeschlossen", "geplantes_datum": day});
        if let (Value::Object(body), Value::Object(fields)) = (&mut body, fields) {
            body.extend(fields);
        }
        self.create(body).await;
    }
}

fn counts(anrufe: i64, gefuehrt: i64, erreicht: i64, quote: f64) -> Value {
    json!({"anrufe": anrufe, "gefuehrt": gefuehrt, "erreicht": erreicht, "erreichungsquote": quote})
}

/// The same with more fields.
fn and(mut counts: Value, fields: Value) -> Value {
    if let (Value::Object(counts), Value::Object(fields)) = (&mut counts, fields) {
        counts.extend(fields);
    }
    counts
}

#[tokio::test]
async fn calls_are_counted_by_outcome_time_attempt_and_member_of_staff() {
    let woche = Woche::start().await;
    let monday = woche.today().to_owned();
    let accepted = json!({"geplante_zeit": "06:10", "ergebnis_art": "angenommen", "bearbeiter": "Jana Muster"});
    woche.held(&monday, accepted).await;
    let nobody = json!({"geplante_zeit": "06:50", "ergebnis_art": "nicht_erreicht", "bearbeiter": "Jana Muster"});
    woche.held(&monday, nobody).await;
    let figures = woche.figures(&format!("von={monday}&bis={monday}")).await;
    let of_both = counts(2, 2, 1, 0.5);
    let expected = and(
        of_both.clone(),
        json!({
            "von": monday, "bis": monday,
            "nach_ergebnis": [
                {"status": "abgeschlossen", "ergebnis_art": "angenommen", "anrufe": 1},
                {"status": "abgeschlossen", "ergebnis_art": "nicht_erreicht", "anrufe": 1},
            ],
            "nach_wochentag": [and(of_both.clone(), json!({"wochentag": "montag"}))],
            "nach_stunde": [and(of_both.clone(), json!({"stunde": 6}))],
            "nach_wochentag_und_stunde": [and(of_both.clone(), json!({"wochentag": "montag", "stunde": 6}))],
            "versuche_bis_erreicht": [{"versuch": 1, "erreicht": 1}],
            "nach_bearbeiter": [and(of_both, json!({"bearbeiter": "Jana Muster"}))],
        }),
    );
    assert_eq!(figures, expected);
    // The retry that the second has planned for Tuesday is counted, and not made.
    let week = woche
        .figures(&format!("von={monday}&bis={}", woche.day(6)))
        .await;
    assert_eq!((&week["anrufe"], &week["gefuehrt"]), (&json!(3), &json!(2)));
    let planned = json!({"status": "geplant", "ergebnis_art": null, "anrufe": 1});
    assert_eq!(week["nach_ergebnis"][0], planned);
    let tuesday = json!({"wochentag": "dienstag", "anrufe": 1, "gefuehrt": 0, "erreicht": 0, "erreichungsquote": null});
    assert_eq!(week["nach_wochentag"][1], tuesday);
}

#[tokio::test]
async fn deleted_calls_do_not_count() {
    let woche = Woche::start().await;
    let today = woche.today().to_owned();
    woche.held(&today, json!({})).await;
    woche.client.delete("/api/phone-calls/1").await.expect(200);
    let figures = woche.figures("").await;
    assert_eq!(figures["anrufe"], 0);
    assert_eq!(figures["erreichungsquote"], Value::Null);
    assert_eq!(figures["nach_bearbeiter"], json!([]));
}

#[tokio::test]
async fn the_days_are_the_last_30_unless_others_are_named_and_366_at_most() {
    let woche = Woche::start().await;
    let days = |figures: &Value| (figures["von"].clone(), figures["bis"].clone());
    let back = woche.date("MONDAY - 29").await;
    let figures = woche.figures("").await;
    assert_eq!(days(&figures), (json!(back), json!(woche.today())));
    let figures = woche.figures("bis=2026-03-01&von=").await;
    assert_eq!(days(&figures), (json!("2026-01-31"), json!("2026-03-01")));
    woche.figures("von=2024-01-01&bis=2024-12-31").await;
    for (query, name) in [
        ("von=2024-01-01&bis=2025-01-01", "bis"),
        ("von=0001-01-01", "bis"),
        ("von=9999-12-31", "von"),
        ("von=2026-02-02&bis=2026-02-01", "von"),
        ("von=heute", "von"),
        ("bis=2026-13-01", "bis"),
    ] {
        let path = format!("/api/phone-calls/statistik?{query}");
        assert_problem(&woche.client.get(&path).await, 400, name);
    }
}
