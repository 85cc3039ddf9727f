//! `GET /api/emails/{id}`, and the filters of `GET /api/emails`.

use crate::setup::{Api, FEHLGESCHLAGEN, GESENDET, IN_DOUBT, IN_WARTESCHLANGE, assert_problem};
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_no_id_of_an_email_is_not_found() {
    let api = Api::start().await;
    api.create(json!({})).await;
    let ids = [
        "2",
        "0",
        "-1",
        "9223372036854775808",
        "99999999999999999999999",
        "abc",
        "1.0",
        "1a",
        "%ff",
        "%00",
    ];
    for id in ids {
        let path = format!("/api/emails/{id}");
        let answers = [
            api.client.get(&path).await,
            api.client.put(&path, &json!({})).await,
            api.client.delete(&path).await,
        ];
        for answer in answers {
            assert_problem(&answer, 404, "Email not found");
            assert_eq!(answer.message(), "Email not found", "{id}");
        }
    }
    assert_eq!(api.rows().await, 1);
}

#[tokio::test]
async fn each_filter_narrows_the_list_and_a_row_is_the_whole_email() {
    let api = Api::start().await;
    let draft = api.create(json!({"therapist_id": 11})).await;
    let patient = api
        .create(json!({"therapist_id": 0, "patient_id": 11}))
        .await;
    let queued = api.create_in(&IN_WARTESCHLANGE).await;
    let sent = api.create_in(&GESENDET).await;
    let failed = api.create_in(&FEHLGESCHLAGEN).await;
    let doubted = api.create_in(&IN_DOUBT).await;
    let all: &[&Value] = &[&doubted, &failed, &sent, &queued, &patient, &draft];
    let cases: [(&str, &[&Value]); 15] = [
        ("", all),
        ("?therapist_id=11", &[&draft]),
        ("?patient_id=11", &[&patient]),
        ("?therapist_id=12", &[]),
        ("?therapist_id=0", all),
        ("?therapist_id=", all),
        ("?recipient_type=patient", &[&patient]),
        ("?recipient_type=therapist&status=Entwurf", &[&draft]),
        ("?status=In_Warteschlange", &[&queued]),
        ("?status=Gesendet", &[&sent]),
        ("?status=Wird_gesendet", &[]),
        ("?status=Fehlgeschlagen", &[&doubted, &failed]),
        ("?fehlerart=ausgang_unklar", &[&doubted]),
        ("?fehlerart=endgueltig&therapist_id=7", &[&failed]),
        (
            "?farbe=rot&sort=id;DROP%20TABLE&suche=%zz&x=%ff&&=&%00",
            all,
        ),
    ];
    for (query, expected) in cases {
        let list = api
            .client
            .get(&format!("/api/emails{query}"))
            .await
            .expect(200)
            .body;
        assert_eq!(list["data"], json!(expected), "{query}");
        assert_eq!(list["total"], expected.len(), "{query}");
    }
}

#[tokio::test]
async fn a_value_that_a_filter_does_not_know_is_refused_by_name() {
    let api = Api::start().await;
    let cases = [
        (
            "status=Quatsch",
            "status must be one of 'Entwurf', 'In_Warteschlange', 'Wird_gesendet', 'Gesendet', 'Fehlgeschlagen'",
        ),
        ("status=gesendet", "'Gesendet'"),
        ("status=%00", "status"),
        (
            "recipient_type=arzt",
            "recipient_type must be one of 'therapist', 'patient'",
        ),
        (
            "fehlerart=x",
            "fehlerart must be one of 'voruebergehend', 'endgueltig', 'ausgang_unklar'",
        ),
        ("therapist_id=x", "therapist_id"),
        ("therapist_id=1.5", "therapist_id"),
        ("therapist_id=-1", "therapist_id"),
        ("patient_id=99999999999999999999", "patient_id"),
        ("patient_id=%zz", "patient_id"),
        ("page=x", "page must be an integer"),
        ("page=1.5", "page must be an integer"),
        ("limit=viele", "limit must be an integer"),
        ("limit=", "limit must be an integer"),
        ("limit=%ff", "limit must be an integer"),
        ("cursor=quatsch", "cursor"),
        ("cursor=1-2-3", "cursor"),
        ("cursor=99999999999999999999-1", "cursor"),
        ("cursor=9223372036854775807-1", "cursor"),
    ];
    for (query, words) in cases {
        let answer = api.client.get(&format!("/api/emails?{query}")).await;
        assert_problem(&answer, 400, words);
    }
}
