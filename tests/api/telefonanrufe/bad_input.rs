//! Requests about calls that are wrong in themselves: a clear 4xx that names the field, and nothing is stored.

use super::support::{Woche, path};
use crate::setup::assert_problem;
use reqwest::Method;
use serde_json::{Value, json};

impl Woche {
    /// What a `POST` for therapist 7 with these fields is answered.
    async fn post_with(&self, name: &str, value: &Value) -> comm_tests::Answer {
        let mut body = json!({"therapist_id": 7});
        body[name] = value.clone();
        self.post(body).await
    }
}

#[tokio::test]
async fn a_wrong_value_is_refused_with_the_name_of_the_field_and_is_not_repeated() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 8})).await;
    let integer = "must be a 64-bit integer";
    let date = "must be a date like 2026-01-31";
    let time = "must be a time of day like 9:05, 09:05 or 09:05:00";
    let cases = [
        ("therapeutenanfrage_id", integer),
        ("dauer_minuten", integer),
        ("geplantes_datum", date),
        ("geplante_zeit", time),
        ("tatsaechliches_datum", date),
        ("tatsaechliche_zeit", time),
        ("wiederholen_nach", date),
        ("wiederholen_zeit", time),
    ];
    for (name, words) in cases {
        let wrong = json!("Ada expected at line 1");
        for answer in [
            woche.post_with(name, &wrong).await,
            woche.put(&call, json!({name: wrong})).await,
        ] {
            assert_problem(&answer, 400, "");
            assert_eq!(answer.message(), format!("{name} {words}"));
        }
        for wrong in [json!(true), json!(["x"]), json!({"x": 1}), json!(1.5)] {
            assert_problem(&woche.post_with(name, &wrong).await, 400, name);
            assert_problem(&woche.put(&call, json!({name: wrong})).await, 400, name);
        }
    }
    for name in [
        "ergebnis",
        "notizen",
        "bearbeiter",
        "ergebnis_art",
        "status",
    ] {
        for wrong in [json!(5), json!(true), json!(["x"]), json!({"x": 1})] {
            assert_problem(&woche.post_with(name, &wrong).await, 400, name);
            assert_problem(&woche.put(&call, json!({name: wrong})).await, 400, name);
        }
    }
    assert_eq!(woche.get(&call).await, call);
    assert_eq!(woche.calls().await, 1);
}

#[tokio::test]
async fn a_duration_is_a_multiple_of_five_from_5_to_120() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 8})).await;
    for minutes in [0, 3, 4, 7, 125, 10_000, -5, i64::MAX] {
        let wrong = json!(minutes);
        let words = "dauer_minuten must be a multiple of 5 from 5 to 120";
        assert_problem(&woche.post_with("dauer_minuten", &wrong).await, 400, words);
        assert_problem(
            &woche.put(&call, json!({"dauer_minuten": wrong})).await,
            400,
            words,
        );
    }
    for minutes in [json!(5), json!(120), json!(10.0)] {
        let answer = woche.post_with("dauer_minuten", &minutes).await.expect(201);
        assert_eq!(answer.body["dauer_minuten"].as_f64(), minutes.as_f64());
    }
}

#[tokio::test]
async fn a_date_or_time_that_there_is_not_is_refused() {
    let woche = Woche::start().await;
    let dates = [
        "2026-02-30",
        "2026-1-31",
        "31.01.2026",
        "20260131",
        "2026-01-31T10:00:00Z",
        "-001-01-01",
        "heute",
    ];
    for wrong in dates {
        assert_problem(
            &woche.post_with("geplantes_datum", &json!(wrong)).await,
            400,
            "geplantes_datum",
        );
    }
    let times = [
        "24:00",
        "25:00",
        "9",
        "9:5",
        "09:60",
        "09:00:30",
        "09:00:00.5",
        "9.30",
        "-1:00",
        "zehn",
        "10:00Z",
    ];
    for wrong in times {
        assert_problem(
            &woche.post_with("geplante_zeit", &json!(wrong)).await,
            400,
            "geplante_zeit",
        );
    }
    assert_eq!(woche.calls().await, 0);
}

#[tokio::test]
async fn an_outcome_that_is_none_is_refused_with_the_valid_ones() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 8})).await;
    let words = "ergebnis_art must be one of 'angenommen', 'teilweise_angenommen', 'abgelehnt', 'nicht_erreicht', \
                 'rueckruf_vereinbart', 'sonstiges'";
    for wrong in ["Quatsch", "Angenommen", "a\0b", " "] {
        assert_problem(
            &woche.post_with("ergebnis_art", &json!(wrong)).await,
            400,
            words,
        );
        assert_problem(
            &woche.put(&call, json!({"ergebnis_art": wrong})).await,
            400,
            words,
        );
    }
}

#[tokio::test]
async fn nul_and_control_characters_are_refused() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 8})).await;
    let names = [
        "ergebnis",
        "notizen",
        "bearbeiter",
        "geplantes_datum",
        "geplante_zeit",
        "wiederholen_zeit",
    ];
    for name in names {
        let wrong = json!("a\0b");
        assert_problem(&woche.post_with(name, &wrong).await, 400, name);
        assert_problem(&woche.put(&call, json!({name: wrong})).await, 400, name);
    }
    for wrong in ["a\nb", "a\u{2028}b", " ", &"x".repeat(256)] {
        assert_problem(
            &woche.post_with("bearbeiter", &json!(wrong)).await,
            400,
            "bearbeiter",
        );
        assert_problem(
            &woche.put(&call, json!({"bearbeiter": wrong})).await,
            400,
            "bearbeiter",
        );
    }
    assert_eq!(woche.get(&call).await, call);
}

#[tokio::test]
async fn a_text_of_more_than_512_kib_and_a_request_of_more_than_one_mib_are_too_large() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 8})).await;
    for name in ["ergebnis", "notizen"] {
        let long = json!("x".repeat(512 * 1024 + 1));
        assert_problem(&woche.post_with(name, &long).await, 413, name);
        assert_problem(&woche.put(&call, json!({name: long})).await, 413, name);
        let longest = json!("x".repeat(512 * 1024));
        woche.put(&call, json!({name: longest})).await.expect(200);
        woche.put(&call, json!({name: ""})).await.expect(200);
    }
    let body = format!("{{\"x\": \"{}\"}}", "a".repeat(1024 * 1024));
    let posted = woche
        .send(Method::POST, "/api/phone-calls", body.clone())
        .await;
    assert_problem(&posted, 413, "at most 1048576 bytes");
    let put = woche.send(Method::PUT, &path(&call), body).await;
    assert_problem(&put, 413, "at most 1048576 bytes");
    assert_eq!(woche.calls().await, 1);
}

#[tokio::test]
async fn what_is_no_json_object_and_what_no_method_does_is_refused() {
    let woche = Woche::start().await;
    let call = woche.create(json!({"therapist_id": 8})).await;
    for body in ["", "{", "[]", "null", "5", "{'a': 1}", "[7]", "{} {}"] {
        for (method, path) in [
            (Method::POST, "/api/phone-calls".to_owned()),
            (Method::PUT, path(&call)),
        ] {
            assert_problem(
                &woche.send(method, &path, body).await,
                400,
                "The request body",
            );
        }
    }
    let text = woche
        .client
        .send(Method::POST, "/api/phone-calls", |request| {
            request.body("{}")
        });
    assert_problem(&text.await.unwrap(), 415, "Content-Type");
    let methods = [
        ("/api/phone-calls", Method::PUT, "GET, POST"),
        ("/api/phone-calls/1", Method::POST, "GET, PUT, DELETE"),
        ("/api/therapists/7/slots", Method::POST, "GET"),
        (
            "/api/therapists/7/erreichbarkeit",
            Method::DELETE,
            "GET, PUT",
        ),
        (
            "/api/therapists/7/erreichbarkeit/pruefen",
            Method::POST,
            "GET",
        ),
    ];
    for (path, method, allowed) in methods {
        let answer = woche
            .client
            .send(method, path, |request| request)
            .await
            .unwrap();
        assert_problem(&answer, 405, "not allowed");
        assert_eq!(answer.header("allow"), allowed, "{path}");
    }
}

#[tokio::test]
async fn ids_that_are_none_are_named() {
    let woche = Woche::start().await;
    for (name, other) in [
        ("therapist_id", "patient_id"),
        ("patient_id", "therapist_id"),
    ] {
        for wrong in [json!(-1), json!("7"), json!(1.5), json!([]), json!(true)] {
            let body = json!({name: wrong, other: 0});
            assert_problem(&woche.post(body).await, 400, name);
        }
    }
    assert_problem(
        &woche.post_with("therapeutenanfrage_id", &json!(-1)).await,
        400,
        "therapeutenanfrage_id",
    );
    assert_eq!(woche.calls().await, 0);
}
