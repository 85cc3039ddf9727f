//! The rules for mails that are queued.

use super::support::{Regeln, assert_refused, warning};
use serde_json::{Value, json};

#[tokio::test]
async fn the_second_mail_in_seven_days_is_warned_of() {
    let regeln = Regeln::start().await;
    let first = regeln.queue().await.expect(201);
    assert_eq!(warning(&first), None);
    let second = regeln.queue().await.expect(201);
    assert_eq!(second.body["status"], "In_Warteschlange");
    assert_eq!(warning(&second), Some(("wochenfrist", Some(regeln.day(7)))));
    // It is about the request, not about the mail.
    let path = format!("/api/emails/{}", second.body["id"]);
    let read = regeln.client.get(&path).await.expect(200);
    assert_eq!(warning(&read), None);
    let drafted = regeln.mail(json!({})).await.expect(201);
    assert_eq!(warning(&drafted), None, "a draft is no contact");
    let queued = json!({"status": "In_Warteschlange"});
    let queued = regeln.change(&drafted.body, queued).await.expect(200);
    assert_eq!(warning(&queued), Some(("wochenfrist", Some(regeln.day(7)))));
    let noted = json!({"nachverfolgung_notizen": "bald"});
    let noted = regeln.change(&drafted.body, noted).await.expect(200);
    assert_eq!(warning(&noted), None);
}

#[tokio::test]
async fn others_and_patients_are_not_bound_by_it() {
    let regeln = Regeln::start().await;
    regeln.queue().await.expect(201);
    let other = json!({"status": "In_Warteschlange", "therapist_id": 8});
    assert_eq!(warning(&regeln.mail(other).await.expect(201)), None);
    for _ in 0..2 {
        let patient = json!({"status": "In_Warteschlange", "therapist_id": null, "patient_id": 7});
        assert_eq!(warning(&regeln.mail(patient).await.expect(201)), None);
    }
}

#[tokio::test]
async fn enforced_it_is_a_conflict_and_nothing_is_stored() {
    let regeln = Regeln::clients("WOCHENFRIST", "enforce").await;
    let first = regeln.queue().await.expect(201);
    assert_refused(&regeln.queue().await, "wochenfrist", Some(regeln.day(7)));
    let draft = regeln.mail(json!({})).await.expect(201).body;
    let queued = json!({"status": "In_Warteschlange", "betreff": "Neu"});
    let answer = regeln.change(&draft, queued.clone()).await;
    assert_refused(&answer, "wochenfrist", Some(regeln.day(7)));
    let path = format!("/api/emails/{}", draft["id"]);
    let kept = regeln.client.get(&path).await.expect(200).body;
    assert_eq!(
        (&kept["status"], &kept["betreff"]),
        (&json!("Entwurf"), &draft["betreff"])
    );
    let rows = "SELECT count(*) FROM communication_service.emails";
    assert_eq!(regeln.world.number(rows).await, 2);
    assert_eq!(regeln.events("communication.email_created").await, 2);
    // A mail is not in its own way.
    let recalled = json!({"status": "Entwurf"});
    regeln.change(&first.body, recalled).await.expect(200);
    let again = json!({"status": "In_Warteschlange"});
    regeln.change(&first.body, again.clone()).await.expect(200);
    // Nor is one that may have arrived, and that a person sends again.
    let doubtful = "status = 'Fehlgeschlagen', fehlerart = 'ausgang_unklar', versucht_am = in_warteschlange_am";
    regeln.set(&first.body, doubtful).await;
    assert_refused(&regeln.queue().await, "wochenfrist", Some(regeln.day(7)));
    regeln.change(&first.body, again).await.expect(200);
}

#[tokio::test]
async fn switched_off_nobody_is_told() {
    let regeln = Regeln::clients("WOCHENFRIST", "off").await;
    regeln.queue().await.expect(201);
    assert_eq!(warning(&regeln.queue().await.expect(201)), None);
}

/// What becomes of the first mail, and whether it counts then.
#[tokio::test]
async fn a_mail_counts_until_it_is_recalled_deleted_or_has_failed_for_good() {
    for (columns, counts) in [
        ("status = 'Entwurf'", false),
        ("status = 'Fehlgeschlagen', fehlerart = 'endgueltig'", false),
        (
            "status = 'Fehlgeschlagen', fehlerart = 'voruebergehend'",
            false,
        ),
        (
            "fehlerart = 'voruebergehend', wiederholungsanzahl = 1",
            true,
        ),
        (
            "status = 'Wird_gesendet', sperre = gen_random_uuid(), gesperrt_bis = now(), versucht_am = now()",
            true,
        ),
        (
            "status = 'Gesendet', gesendet_am = in_warteschlange_am",
            true,
        ),
        (
            "status = 'Gesendet', gesendet_am = in_warteschlange_am, geloescht_am = now()",
            true,
        ),
        (
            "status = 'Fehlgeschlagen', fehlerart = 'ausgang_unklar'",
            true,
        ),
    ] {
        let regeln = Regeln::clients("WOCHENFRIST", "enforce").await;
        let first = regeln.queue().await.expect(201).body;
        regeln.set(&first, columns).await;
        let status = regeln.queue().await.status;
        assert_eq!(status == 409, counts, "{columns}: {status}");
    }
    let regeln = Regeln::clients("WOCHENFRIST", "enforce").await;
    let first = regeln.queue().await.expect(201).body;
    let path = format!("/api/emails/{}", first["id"]);
    regeln.client.delete(&path).await.expect(200);
    regeln.queue().await.expect(201);
}

#[tokio::test]
async fn a_mail_counts_from_its_queueing_to_a_week_after_it_went() {
    let regeln = Regeln::clients("WOCHENFRIST", "enforce").await;
    let first = regeln.queue().await.expect(201).body;
    let ago = |days| {
        format!(
            "status = 'Gesendet', in_warteschlange_am = in_warteschlange_am - interval '20 days', \
             gesendet_am = in_warteschlange_am - interval '{days} days'"
        )
    };
    regeln.set(&first, &ago(6)).await;
    assert_refused(
        &regeln.queue().await,
        "wochenfrist",
        Some(regeln.tomorrow()),
    );
    let sent = "gesendet_am = gesendet_am - interval '1 day'";
    regeln.set(&first, sent).await;
    regeln.queue().await.expect(201);
}

#[tokio::test]
async fn a_mail_that_is_to_go_later_is_judged_by_that_day_and_blocks_until_a_week_after_it() {
    let regeln = Regeln::clients("WOCHENFRIST", "enforce").await;
    regeln.queue().await.expect(201);
    let later =
        |day: &str| json!({"status": "In_Warteschlange", "senden_ab": format!("{day}T10:00:00Z")});
    let answer = regeln.mail(later(regeln.day(6))).await;
    assert_refused(&answer, "wochenfrist", Some(regeln.day(7)));
    regeln.mail(later(regeln.day(7))).await.expect(201);
    assert_refused(&regeln.queue().await, "wochenfrist", Some(regeln.day(14)));
}

#[tokio::test]
async fn a_mail_that_was_sent_by_hand_counts() {
    let regeln = Regeln::clients("WOCHENFRIST", "enforce").await;
    let draft = regeln.mail(json!({})).await.expect(201).body;
    let sent = json!({"status": "Gesendet"});
    let sent = regeln.change(&draft, sent).await.expect(200);
    assert_eq!(warning(&sent), None, "what was done is not judged");
    assert_refused(&regeln.queue().await, "wochenfrist", Some(regeln.day(7)));
}

#[tokio::test]
async fn a_refusal_by_mail_or_phone_is_warned_of_for_four_weeks() {
    let regeln = Regeln::start().await;
    regeln.refused_by_mail(27).await;
    let answer = regeln.queue().await.expect(201);
    let tomorrow = Some(regeln.tomorrow());
    assert_eq!(warning(&answer), Some(("sperrfrist", tomorrow)));
    let regeln = Regeln::clients("SPERRFRIST", "enforce").await;
    regeln.refused_by_mail(28).await;
    let waiting = regeln.queue().await.expect(201).body;
    let call = json!({"therapist_id": 7, "status": "abgeschlossen", "ergebnis_art": "abgelehnt"});
    regeln.create(call).await;
    regeln
        .change(&waiting, json!({"status": "Entwurf"}))
        .await
        .expect(200);
    let again = regeln.change(&waiting, json!({"status": "In_Warteschlange"}));
    assert_refused(&again.await, "sperrfrist", Some(regeln.day(28)));
}

#[tokio::test]
async fn each_mail_of_a_bulk_is_judged_and_an_earlier_one_counts_for_a_later_one() {
    let bulk = |statuses: &[&str]| {
        let emails = statuses
            .iter()
            .map(|status| comm_tests::email(json!({"status": status})));
        json!({"emails": emails.collect::<Vec<Value>>()})
    };
    let path = "/api/emails/bulk";
    let three = bulk(&["In_Warteschlange", "Entwurf", "In_Warteschlange"]);
    let regeln = Regeln::start().await;
    let stored = regeln.client.post(path, &three).await.expect(201).body;
    let warned = |place: usize| stored["data"][place].get("kontaktwarnung");
    assert_eq!((warned(0), warned(1)), (None, None));
    let warnung = json!({"grund": "wochenfrist", "naechster_kontakt_moeglich": regeln.day(7)});
    assert_eq!(warned(2), Some(&warnung));
    let regeln = Regeln::clients("WOCHENFRIST", "enforce").await;
    let answer = regeln.client.post(path, &three).await;
    assert_refused(&answer, "wochenfrist", Some(regeln.day(7)));
    assert_eq!(answer.body["index"], 2);
    let rows = "SELECT count(*) FROM communication_service.emails";
    assert_eq!(regeln.world.number(rows).await, 0);
    let one = bulk(&["In_Warteschlange", "Entwurf"]);
    regeln.client.post(path, &one).await.expect(201);
}

#[tokio::test]
async fn a_conflict_is_not_kept_under_a_key_and_a_warning_is() {
    let regeln = Regeln::start().await;
    regeln.queue().await.expect(201);
    let body = comm_tests::email(json!({"status": "In_Warteschlange"}));
    let first = regeln
        .post_once("/api/emails", "a", &body)
        .await
        .expect(201);
    assert!(warning(&first).is_some());
    let second = regeln
        .post_once("/api/emails", "a", &body)
        .await
        .expect(201);
    assert_eq!(second.body, first.body);
}
