//! `GET /api/emails/queue-status` and `GET /health/email-queue` (contract, 'Email').

use super::values::Timestamp;
use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use comm_app::QueueStatus;
use comm_app::outreach::queue_status::issues;
use comm_ports::outreach::QueueFigures;
use serde_json::{Map, Value, json};
use tracing::warn;

/// The names on the left are what existing clients read.
pub(crate) async fn queue_status(status: web::Data<QueueStatus>) -> Result<HttpResponse, Problem> {
    let figures = status.figures().await?;
    Ok(HttpResponse::Ok().json(answer(&figures)))
}

/// 200 however bad things stand: whoever watches reads `status`. A database that is away is one of these things.
pub(crate) async fn health(status: web::Data<QueueStatus>) -> HttpResponse {
    let (mut details, issues) = match status.figures().await {
        Ok(figures) => (answer(&figures), issues(&figures)),
        Err(error) => {
            warn!(error = %error, "The database does not say how the queue fares");
            let issue = "The database is not available".to_owned();
            (Value::Object(Map::new()), vec![issue])
        }
    };
    let status = if issues.is_empty() {
        "healthy"
    } else {
        "unhealthy"
    };
    if let Value::Object(details) = &mut details {
        details.insert("issues".to_owned(), json!(issues));
    }
    HttpResponse::Ok()
        .json(json!({"status": status, "service": "email-queue-processor", "details": details}))
}

fn answer(figures: &QueueFigures) -> Value {
    let per_status = figures.per_status.iter();
    let per_status: Map<String, Value> = per_status
        .map(|(status, emails)| (status.as_str().to_owned(), json!(emails)))
        .collect();
    let batches = figures.batches.iter().map(|batch| {
        json!({"sent": batch.sent, "failed": batch.failed, "time": Timestamp(batch.minute)})
    });
    let last_error = figures.last_error.as_ref();
    json!({
        "running": figures.running,
        "last_check": figures.last_check.map(Timestamp),
        "emails_sent_today": figures.sent_today,
        "emails_failed_today": figures.failed_today,
        "last_error": last_error.map(|error| error.meldung.as_str()),
        "last_error_time": last_error.map(|error| Timestamp(error.at)),
        "total_sent": figures.total_sent,
        "total_failed": figures.total_failed,
        "recent_batches": batches.collect::<Vec<_>>(),
        "emails_by_status": per_status,
        "oldest_waiting": figures.oldest_waiting.map(Timestamp),
        "oldest_due_seconds": figures.oldest_due.map(|due| due.as_secs()),
        "emails_in_doubt": figures.in_doubt,
        "emails_sent_last_hour": figures.sent_last_hour,
        "last_attempts": {"known": figures.attempts.known, "failed": figures.attempts.failed},
    })
}
