//! The rules for calls that are booked.

use super::support::{Regeln, assert_refused, warning};
use crate::telefonanrufe::support::slot;
use serde_json::json;

/// Blocks therapist 7 up to a day.
async fn block(regeln: &Regeln, bis: Option<&str>) {
    let bis = bis.map_or("NULL".to_owned(), |day| format!("'{day}'"));
    let sql = format!(
        "INSERT INTO communication_service.kontaktstand (art, person_id, gesperrt_seit, gesperrt_bis, sperre_begruendung) \
         VALUES ('therapist', 7, now(), {bis}, 'Urlaub') ON CONFLICT (art, person_id) DO UPDATE \
         SET gesperrt_seit = now(), gesperrt_bis = excluded.gesperrt_bis, sperre_begruendung = 'Urlaub'"
    );
    regeln.world.execute(&sql).await;
}

#[tokio::test]
async fn a_call_to_a_blocked_therapist_is_warned_of() {
    let regeln = Regeln::start().await;
    let last = regeln.day(1);
    block(&regeln, Some(last)).await;
    let at =
        |day: &str| json!({"therapist_id": 7, "geplantes_datum": day, "geplante_zeit": "09:00"});
    let wednesday = Some(regeln.day(2));
    let booked = regeln.post(at(last)).await.expect(201);
    assert_eq!(warning(&booked), Some(("gesperrt", wednesday)));
    let later = regeln.post(at(regeln.day(2))).await.expect(201);
    assert_eq!(warning(&later), None, "the day of the call counts");
    // Clients are warned, also when the service looks for the slot.
    let found = regeln.post(json!({"therapist_id": 7})).await.expect(201);
    assert_eq!(slot(&found.body).0, regeln.today());
    assert_eq!(warning(&found), Some(("gesperrt", wednesday)));
    let moved = regeln.put(
        &later.body,
        json!({"geplantes_datum": last, "geplante_zeit": "10:00"}),
    );
    assert_eq!(
        warning(&moved.await.expect(200)),
        Some(("gesperrt", wednesday))
    );
    let noted = regeln.put(&later.body, json!({"notizen": "bald"})).await;
    assert_eq!(warning(&noted.expect(200)), None);
}

#[tokio::test]
async fn enforced_it_is_a_conflict_and_a_search_begins_when_the_block_ends() {
    let regeln = Regeln::clients("SPERRE", "enforce").await;
    block(&regeln, Some(regeln.day(1))).await;
    let wednesday = Some(regeln.day(2));
    let at =
        json!({"therapist_id": 7, "geplantes_datum": regeln.today(), "geplante_zeit": "09:00"});
    assert_refused(&regeln.post(at).await, "gesperrt", wednesday);
    let found = regeln.create(json!({"therapist_id": 7})).await;
    assert_eq!(slot(&found), (regeln.day(2), "09:00"));
    let move_up = json!({"geplantes_datum": regeln.today(), "geplante_zeit": "09:00"});
    assert_refused(&regeln.put(&found, move_up).await, "gesperrt", wednesday);
    assert_eq!(slot(&regeln.get(&found).await), (regeln.day(2), "09:00"));
    block(&regeln, None).await;
    let search = regeln.post(json!({"therapist_id": 7})).await;
    assert_refused(&search, "gesperrt", None);
    assert_eq!(regeln.calls().await, 1);
    // A call that was made is what happened, whatever a rule says; so is a patient's.
    regeln
        .create(json!({"therapist_id": 7, "status": "abgeschlossen"}))
        .await;
    regeln.create(json!({"patient_id": 7})).await;
}

#[tokio::test]
async fn a_cancelled_call_that_is_planned_again_is_judged_again() {
    let regeln = Regeln::clients("SPERRE", "enforce").await;
    let call = regeln.create(json!({"therapist_id": 7})).await;
    regeln
        .put(&call, json!({"status": "abgebrochen"}))
        .await
        .expect(200);
    block(&regeln, None).await;
    let again = regeln.put(&call, json!({"status": "geplant"})).await;
    assert_refused(&again, "gesperrt", None);
}

#[tokio::test]
async fn a_call_at_a_given_time_after_a_refusal_is_warned_of_or_refused() {
    let refusal =
        json!({"therapist_id": 7, "status": "abgeschlossen", "ergebnis_art": "abgelehnt"});
    let regeln = Regeln::start().await;
    regeln.create(refusal.clone()).await;
    let at = json!({"therapist_id": 7, "geplantes_datum": regeln.day(2), "geplante_zeit": "09:00"});
    let booked = regeln.post(at.clone()).await.expect(201);
    let end = Some(regeln.day(28));
    assert_eq!(warning(&booked), Some(("sperrfrist", end)));
    let regeln = Regeln::clients("SPERRFRIST", "enforce").await;
    regeln.create(refusal).await;
    assert_refused(&regeln.post(at).await, "sperrfrist", end);
    assert_refused(
        &regeln.post(json!({"therapist_id": 7})).await,
        "sperrfrist",
        end,
    );
}

#[tokio::test]
async fn mails_do_not_limit_calls() {
    let regeln = Regeln::clients("WOCHENFRIST", "enforce").await;
    regeln.queue().await.expect(201);
    let call = regeln.post(json!({"therapist_id": 7})).await.expect(201);
    assert_eq!(warning(&call), None);
}

#[tokio::test]
async fn the_next_attempt_waits_for_the_end_of_a_block() {
    let regeln = Regeln::start().await;
    let call = regeln.create(json!({"therapist_id": 7})).await;
    block(&regeln, Some(regeln.day(3))).await;
    let failed = regeln.put(&call, json!({"status": "fehlgeschlagen"})).await;
    let next = failed.expect(200).body["naechster_anruf_id"].clone();
    assert_eq!(slot(&regeln.by_id(&next).await), (regeln.day(4), "09:00"));
}

#[tokio::test]
async fn a_recorded_attempt_in_vain_waits_for_the_end_too_and_an_agreed_time_is_warned_of() {
    let regeln = Regeln::start().await;
    block(&regeln, None).await;
    let vain =
        json!({"therapist_id": 7, "status": "abgeschlossen", "ergebnis_art": "nicht_erreicht"});
    let vain = regeln.create(vain).await;
    assert_eq!(vain["naechster_anruf_id"], json!(null));
    assert_eq!(vain["grund"], "gesperrt");
    let agreed = json!({"status": "abgeschlossen", "ergebnis_art": "rueckruf_vereinbart",
        "wiederholen_nach": regeln.day(2), "wiederholen_zeit": "10:00"});
    let mut recorded = agreed.clone();
    recorded["therapist_id"] = json!(7);
    let recorded = regeln.post(recorded).await.expect(201);
    assert_eq!(warning(&recorded), Some(("gesperrt", None)));
    let call =
        json!({"therapist_id": 7, "geplantes_datum": regeln.day(1), "geplante_zeit": "09:00"});
    let call = regeln.create(call).await;
    let mut agreed = agreed;
    agreed["wiederholen_zeit"] = json!("11:00");
    let ended = regeln.put(&call, agreed).await.expect(200);
    assert_eq!(warning(&ended), Some(("gesperrt", None)));
}

#[tokio::test]
async fn slots_are_offered_by_the_rules_for_the_service() {
    let slots = async |regeln: &Regeln| {
        let path = format!("/api/therapists/7/slots?von={0}&bis={0}", regeln.tomorrow());
        regeln.client.get(&path).await.expect(200).body["total"].clone()
    };
    let regeln = Regeln::start().await;
    block(&regeln, Some(regeln.tomorrow())).await;
    assert_eq!(slots(&regeln).await, 0);
    let off = ("COMM__CONTACT_RULES__SERVICE__SPERRE", "off");
    let regeln = Regeln::with(&[off]).await;
    block(&regeln, Some(regeln.tomorrow())).await;
    assert_ne!(slots(&regeln).await, 0);
}
