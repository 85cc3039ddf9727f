//! `GET /api/emails/queue-status` and `GET /health/email-queue` (contract, 'Email').

use super::values::Timestamp;
use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use comm_app::QueueStatus;
use comm_app::outreach::queue_status::issues;
use comm_ports::outreach::QueueFigures;
use serde_json::{Map, Value, json};
use tracing::warn;

/// The figures of the health, and counts of all emails.
pub(crate) async fn queue_status(status: web::Data<QueueStatus>) -> Result<HttpResponse, Problem> {
    let (mut fields, counts) = (answer(&status.figures().await?), status.counts().await?);
    let per_status = counts.per_status.iter();
    let per_status: Map<String, Value> = per_status
        .map(|(status, emails)| (status.as_str().to_owned(), json!(emails)))
        .collect();
    fields.insert("total_sent".to_owned(), json!(counts.total_sent));
    fields.insert("total_failed".to_owned(), json!(counts.total_failed));
    fields.insert("emails_by_status".to_owned(), per_status.into());
    Ok(HttpResponse::Ok().json(fields))
}

/// 200 however bad things stand: whoever watches reads `status`. A database that is away is one of these things.
pub(crate) async fn health(status: web::Data<QueueStatus>) -> HttpResponse {
    let (mut details, issues) = match status.figures().await {
        Ok(figures) => (answer(&figures), issues(&figures)),
        Err(error) => {
            warn!(error = %error, "The database does not say how the queue fares");
            let issue = "The database is not available".to_owned();
            (Map::new(), vec![issue])
        }
    };
    let status = if issues.is_empty() {
        "healthy"
    } else {
        "unhealthy"
    };
    details.insert("issues".to_owned(), json!(issues));
    HttpResponse::Ok()
        .json(json!({"status": status, "service": "email-queue-processor", "details": details}))
}

/// The names are those that existing clients read, and some more.
fn answer(figures: &QueueFigures) -> Map<String, Value> {
    let batches = figures.batches.iter().map(|batch| {
        json!({"sent": batch.sent, "failed": batch.failed, "time": Timestamp(batch.minute)})
    });
    let last_error = figures.last_error.as_ref();
    let attempts = figures.attempts;
    let fields = [
        ("running", json!(figures.running)),
        ("last_check", json!(figures.last_check.map(Timestamp))),
        ("emails_sent_today", json!(figures.sent_today)),
        ("emails_failed_today", json!(figures.failed_today)),
        (
            "last_error",
            json!(last_error.map(|error| error.meldung.as_str())),
        ),
        (
            "last_error_time",
            json!(last_error.map(|error| Timestamp(error.at))),
        ),
        ("recent_batches", batches.collect()),
        (
            "oldest_waiting",
            json!(figures.oldest_waiting.map(Timestamp)),
        ),
        (
            "oldest_due_seconds",
            json!(figures.oldest_due.map(|due| due.as_secs())),
        ),
        ("emails_in_doubt", json!(figures.in_doubt)),
        ("emails_sent_last_hour", json!(figures.sent_last_hour)),
        (
            "last_attempts",
            json!({"known": attempts.known, "failed": attempts.failed}),
        ),
    ];
    let fields = fields.into_iter();
    fields
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
