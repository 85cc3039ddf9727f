//! Speaking to the API as a client does.

use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// A client of one service.
#[derive(Clone)]
pub struct Client {
    port: u16,
    base: String,
    http: reqwest::Client,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body as JSON, `null` if it is none.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The sentence that existing clients read.
    pub fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or("")
    }

    /// The header's value.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }

    /// Fails unless the status is this one.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

impl Client {
    /// Of the service on this port of this machine.
    pub fn new(port: u16) -> Self {
        // reqwest is built without one of its own, and refuses to start without any.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            // The service closes what lies idle for 5 s, perhaps just when a large body is on its way.
            .pool_idle_timeout(Duration::from_secs(2))
            .no_proxy()
            .build();
        Self {
            port,
            base: format!("http://127.0.0.1:{port}"),
            http: http.expect("a client"),
        }
    }

    /// The port that it speaks to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Sends a request whose body is not necessarily JSON.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        shape: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> reqwest::Result<Answer> {
        let request = shape(self.http.request(method, format!("{}{path}", self.base)));
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = Vec::from(response.bytes().await?);
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Answer {
            status,
            headers,
            body,
            bytes,
        })
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, |request| request)
            .await
            .expect("an answer")
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, |request| request.json(body))
            .await
            .expect("an answer")
    }

    /// `PUT` of JSON.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, |request| request.json(body))
            .await
            .expect("an answer")
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, |request| request)
            .await
            .expect("an answer")
    }

    /// Whether `/health` answers 200.
    pub async fn is_healthy(&self) -> bool {
        let answer = self.send(Method::GET, "/health", |request| request).await;
        answer.is_ok_and(|answer| answer.status == 200)
    }

    /// Every email of this filter, page by page.
    pub async fn emails(&self, filter: &str) -> Vec<Value> {
        let (mut emails, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/emails?limit=60&{filter}{cursor}");
            let mut page = self.get(&path).await.expect(200).body;
            if let Value::Array(rows) = page["data"].take() {
                emails.extend(rows);
            }
            let Some(next) = page["next_cursor"].as_str() else {
                return emails;
            };
            cursor = format!("&cursor={next}");
        }
    }

    /// Whether an email waits or is under way; `None` while nobody can say. Those that wait are asked for
    /// twice: an email whose attempt ends between two questions is in neither of the first two answers.
    pub async fn is_busy(&self) -> Option<bool> {
        for status in ["In_Warteschlange", "Wird_gesendet", "In_Warteschlange"] {
            let path = format!("/api/emails?limit=1&status={status}");
            let page = self.send(Method::GET, &path, |request| request).await;
            let page = page.ok().filter(|page| page.status == 200)?;
            if page.body["total"] != 0 {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Waits until the email has this status, and answers it.
    pub async fn wait_for_status(&self, id: i64, status: &str) -> Value {
        crate::eventually(&format!("email {id} becomes {status}"), || async {
            let answer = self.get(&format!("/api/emails/{id}")).await;
            (answer.body["status"] == status).then_some(answer.body)
        })
        .await
    }
}

/// The body of a valid `POST /api/emails`, with these fields set or, where `null`, taken away.
pub fn email(changes: Value) -> Value {
    let mut body = json!({
        "therapist_id": 7,
        "betreff": "Anfrage",
        "inhalt_markdown": "# Guten Tag\n\nwir suchen einen **Therapieplatz**.",
        "empfaenger_email": "praxis@example.org",
        "empfaenger_name": "Dr. Ada Beispiel",
    });
    if let (Value::Object(body), Value::Object(changes)) = (&mut body, changes) {
        for (name, value) in changes {
            body.insert(name, value);
        }
        body.retain(|_, value| !value.is_null());
    }
    body
}
