//! HTTP around the routes: paths, methods, content types, request ids, CORS.

use crate::setup::{Api, assert_problem, path};
use comm_tests::{Answer, World, email};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn an_unknown_path_is_not_found_and_an_unknown_method_says_what_is_allowed() {
    let api = Api::start().await;
    for path in [
        "/",
        "/api",
        "/api/emails/",
        "/api/emails/1/2",
        "/api/Emails",
        "/emails",
        "/api/health",
        "/%ff",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let answer = api.send(method, path, "{}").await;
            assert_problem(&answer, 404, "There is nothing under this path");
        }
    }
    let cases = [
        ("/api/emails", Method::PUT, "GET, POST"),
        ("/api/emails", Method::DELETE, "GET, POST"),
        ("/api/emails/1", Method::POST, "GET, PUT, DELETE"),
        ("/api/emails/1", Method::PATCH, "GET, PUT, DELETE"),
        ("/health", Method::POST, "GET"),
        ("/ready", Method::DELETE, "GET"),
    ];
    for (path, method, allow) in cases {
        let answer = api.send(method, path, "{}").await;
        assert_problem(&answer, 405, allow);
        assert_eq!(answer.header("allow"), allow);
    }
}

#[tokio::test]
async fn only_json_is_read() {
    let api = Api::start().await;
    let stored = api.create(json!({})).await;
    let body = email(json!({})).to_string();
    let wrong = [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonx"),
        Some("application/xml"),
        Some(""),
    ];
    for content_type in wrong {
        for (method, path) in [
            (Method::POST, "/api/emails".to_owned()),
            (Method::PUT, path(&stored)),
        ] {
            let answer = sent(&api, method, &path, (content_type, &body)).await;
            assert_problem(&answer, 415, "Content-Type");
        }
    }
    assert_eq!(api.rows().await, 1);
    for content_type in [
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/merge-patch+json",
    ] {
        sent(
            &api,
            Method::POST,
            "/api/emails",
            (Some(content_type), &body),
        )
        .await
        .expect(201);
    }
}

async fn sent(
    api: &Api,
    method: Method,
    path: &str,
    (content_type, body): (Option<&str>, &str),
) -> Answer {
    let answer = api.client.send(method, path, |request| {
        let request = request.body(body.to_owned());
        match content_type {
            Some(content_type) => request.header("content-type", content_type),
            None => request,
        }
    });
    answer.await.unwrap()
}

#[tokio::test]
async fn every_answer_carries_a_request_id_the_clients_where_it_is_well_formed() {
    let api = Api::start().await;
    let long = "x".repeat(129);
    let large = format!("{{\"x\": \"{}\"}}", "a".repeat(17 * 1024 * 1024));
    let requests = [
        (Method::GET, "/health", "", 200),
        (Method::GET, "/api/emails", "", 200),
        (
            Method::POST,
            "/api/emails",
            &email(json!({})).to_string(),
            201,
        ),
        (Method::POST, "/api/emails", "{}", 400),
        (Method::GET, "/api/emails?status=x", "", 400),
        (Method::GET, "/api/emails/99", "", 404),
        (Method::GET, "/nichts", "", 404),
        (Method::PATCH, "/api/emails", "{}", 405),
        (Method::POST, "/api/emails", &large, 413),
    ];
    for (method, path, body, status) in requests {
        for (given, taken) in [
            (Some("req-1_a.B"), true),
            (Some(long.as_str()), false),
            (Some("a b"), false),
            (None, false),
        ] {
            let answer = api.client.send(method.clone(), path, |request| {
                let request = request
                    .header("content-type", "application/json")
                    .body(body.to_owned());
                given
                    .iter()
                    .fold(request, |request, id| request.header("x-request-id", *id))
            });
            let answer = answer.await.unwrap().expect(status);
            let id = answer.header("x-request-id");
            assert_eq!(id == given.unwrap_or(""), taken, "{path}: {id}");
            assert!(taken || id.len() == 36, "{path}: {id}");
        }
    }
    let answer = sent(&api, Method::POST, "/api/emails", (None, "{}"))
        .await
        .expect(415);
    assert_eq!(answer.header("x-request-id").len(), 36);
}

async fn from_page(api: &Api, method: Method, origin: &str, path: &str) -> Answer {
    let answer = api.client.send(method, path, |request| {
        request
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
            .header(
                "access-control-request-headers",
                "content-type,x-request-id",
            )
            .header("content-type", "application/json")
            .body("{}")
    });
    answer.await.unwrap()
}

#[tokio::test]
async fn configured_pages_may_call_the_api_and_read_its_errors() {
    let world = World::without_kafka().await;
    let world = world.set(
        "CORS_ALLOWED_ORIGINS",
        "https://web.example.org, http://localhost:3000",
    );
    let api = Api::serving(world, &["--no-worker"]).await;
    for origin in ["https://web.example.org", "http://localhost:3000"] {
        let preflight = from_page(&api, Method::OPTIONS, origin, "/api/emails/1")
            .await
            .expect(200);
        assert_eq!(preflight.header("access-control-allow-origin"), origin);
        assert!(
            preflight
                .header("access-control-allow-methods")
                .contains("PUT")
        );
        assert!(
            preflight
                .header("access-control-allow-headers")
                .contains("content-type")
        );
        assert_eq!(preflight.header("x-request-id").len(), 36);
        let answers = [
            from_page(&api, Method::GET, origin, "/api/emails")
                .await
                .expect(200),
            from_page(&api, Method::POST, origin, "/api/emails")
                .await
                .expect(400),
            from_page(&api, Method::GET, origin, "/api/emails/9")
                .await
                .expect(404),
        ];
        for answer in answers {
            assert_eq!(
                answer.header("access-control-allow-origin"),
                origin,
                "{}",
                answer.body
            );
            let exposed = answer
                .header("access-control-expose-headers")
                .to_ascii_lowercase();
            assert!(exposed.contains("x-request-id") && exposed.contains("location"));
        }
    }
}

#[tokio::test]
async fn other_pages_get_no_leave_and_a_problem_in_our_form() {
    for origins in ["", "https://web.example.org"] {
        let world = World::without_kafka()
            .await
            .set("CORS_ALLOWED_ORIGINS", origins);
        let api = Api::serving(world, &["--no-worker"]).await;
        let preflight =
            from_page(&api, Method::OPTIONS, "https://evil.example", "/api/emails").await;
        assert_eq!(preflight.header("access-control-allow-origin"), "");
        assert_problem(&preflight, preflight.status, "");
        assert!((400..500).contains(&preflight.status));
        let answer = from_page(&api, Method::GET, "https://evil.example", "/api/emails")
            .await
            .expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn an_answer_is_compressed_on_request_and_an_error_can_be_read_all_the_same() {
    let api = Api::start().await;
    api.create(json!({})).await;
    let asked = |path: &'static str, encoding: &'static str| {
        api.client.send(Method::GET, path, move |request| {
            request.header("accept-encoding", encoding)
        })
    };
    let list = asked("/api/emails", "gzip").await.unwrap().expect(200);
    assert_eq!(
        (list.header("content-encoding"), &list.body),
        ("gzip", &Value::Null)
    );
    let missing = asked("/api/emails/9", "gzip").await.unwrap();
    assert_problem(&missing, 404, "Email not found");
    let impossible = asked("/api/emails", "br, identity;q=0").await.unwrap();
    assert_problem(&impossible, 406, "");
}
