//! `GET /api/emails/queue-status` and `GET /health/email-queue` (contract, 'Email').

use super::values::Timestamp;
use crate::openapi::{Judgement, QueueFiguresIfKnown, Storage};
use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use comm_app::QueueStatus;
use comm_app::outreach::queue_status::issues;
use comm_ports::outreach::QueueFigures;
use serde::Serialize;
use std::collections::BTreeMap;
use tracing::warn;
use utoipa::ToSchema;

/// The figures of the health, and counts of all emails.
#[derive(Serialize, ToSchema)]
#[schema(as = QueueStatus)]
struct QueueAnswer {
    #[serde(flatten)]
    figures: FiguresAnswer,
    /// Emails that were ever sent.
    #[schema(minimum = 0)]
    total_sent: i64,
    /// Emails that have failed.
    #[schema(minimum = 0)]
    total_failed: i64,
    /// How many emails there are in each state.
    emails_by_status: BTreeMap<&'static str, i64>,
}

/// The names are those that existing clients read, and some more.
#[derive(Serialize, ToSchema)]
#[schema(as = QueueFigures)]
pub(crate) struct FiguresAnswer {
    /// Whether a worker gave a sign of life within the last 30 seconds.
    running: bool,
    /// When a worker gave its last sign of life.
    #[schema(value_type = Option<DateTime<Utc>>)]
    last_check: Option<Timestamp>,
    /// Emails sent today.
    #[schema(minimum = 0)]
    emails_sent_today: i64,
    /// Emails whose attempt failed today.
    #[schema(minimum = 0)]
    emails_failed_today: i64,
    /// The last error.
    last_error: Option<String>,
    /// When it was met.
    #[schema(value_type = Option<DateTime<Utc>>)]
    last_error_time: Option<Timestamp>,
    /// The minutes of the last ten in which an attempt ended.
    recent_batches: Vec<BatchAnswer>,
    /// Since when the oldest email has been waiting.
    #[schema(value_type = Option<DateTime<Utc>>)]
    oldest_waiting: Option<Timestamp>,
    /// For how many seconds the oldest email has been due.
    #[schema(minimum = 0)]
    oldest_due_seconds: Option<u64>,
    /// Emails whose outcome nobody knows.
    #[schema(minimum = 0)]
    emails_in_doubt: i64,
    /// Emails sent within the last hour.
    #[schema(minimum = 0)]
    emails_sent_last_hour: i64,
    /// The last attempts.
    last_attempts: AttemptsAnswer,
}

/// What happened in a minute.
#[derive(Serialize, ToSchema)]
#[schema(as = QueueBatch)]
struct BatchAnswer {
    /// Emails sent.
    #[schema(minimum = 0)]
    sent: i64,
    /// Attempts that failed.
    #[schema(minimum = 0)]
    failed: i64,
    /// When the minute began.
    #[schema(value_type = DateTime<Utc>)]
    time: Timestamp,
}

/// The last attempts, 20 at most.
#[derive(Serialize, ToSchema)]
#[schema(as = QueueAttempts)]
struct AttemptsAnswer {
    /// How many are known.
    #[schema(minimum = 0)]
    known: i64,
    /// How many of them failed.
    #[schema(minimum = 0)]
    failed: i64,
}

/// Whether somebody should look.
#[derive(Serialize, ToSchema)]
#[schema(as = QueueHealth)]
struct HealthAnswer {
    /// `unhealthy` if there are issues.
    #[schema(value_type = Judgement)]
    status: &'static str,
    /// Always `email-queue-processor`.
    service: &'static str,
    /// The issues and the figures.
    details: DetailsAnswer,
}

/// Without a database there are no figures.
#[derive(Serialize, ToSchema)]
#[schema(as = QueueDetails)]
struct DetailsAnswer {
    #[serde(flatten)]
    #[schema(value_type = QueueFiguresIfKnown)]
    figures: Option<FiguresAnswer>,
    /// What is wrong, a sentence each.
    issues: Vec<String>,
}

/// Says how the queue fares
///
/// Computed from the database, so every instance says the same.
#[utoipa::path(
    get,
    operation_id = "queue_status",
    path = "/api/emails/queue-status",
    tag = "emails",
    responses((status = 200, description = "Figures.", body = QueueAnswer), Storage)
)]
pub(crate) async fn queue_status(status: web::Data<QueueStatus>) -> Result<HttpResponse, Problem> {
    let (figures, counts) = (status.figures().await?, status.counts().await?);
    let per_status = counts.per_status.iter();
    Ok(HttpResponse::Ok().json(QueueAnswer {
        figures: FiguresAnswer::from(&figures),
        total_sent: counts.total_sent,
        total_failed: counts.total_failed,
        emails_by_status: per_status
            .map(|(status, emails)| (status.as_str(), *emails))
            .collect(),
    }))
}

/// Says whether somebody should look after the queue
///
/// 200 however bad things stand: whoever watches reads `status`. A database that is away is one of these things.
#[utoipa::path(
    get,
    operation_id = "email_queue_health",
    path = "/health/email-queue",
    tag = "health",
    responses((status = 200, description = "A judgement with its reasons.", body = HealthAnswer))
)]
pub(crate) async fn health(status: web::Data<QueueStatus>) -> HttpResponse {
    let (figures, issues) = match status.figures().await {
        Ok(figures) => (Some(FiguresAnswer::from(&figures)), issues(&figures)),
        Err(error) => {
            warn!(error = %error, "The database does not say how the queue fares");
            (None, vec!["The database is not available".to_owned()])
        }
    };
    HttpResponse::Ok().json(HealthAnswer {
        status: match issues.is_empty() {
            true => "healthy",
            false => "unhealthy",
        },
        service: "email-queue-processor",
        details: DetailsAnswer { figures, issues },
    })
}

impl From<&QueueFigures> for FiguresAnswer {
    fn from(figures: &QueueFigures) -> Self {
        let last_error = figures.last_error.as_ref();
        let batches = figures.batches.iter().map(|batch| BatchAnswer {
            sent: batch.sent,
            failed: batch.failed,
            time: Timestamp(batch.minute),
        });
        Self {
            running: figures.running,
            last_check: figures.last_check.map(Timestamp),
            emails_sent_today: figures.sent_today,
            emails_failed_today: figures.failed_today,
            last_error: last_error.map(|error| error.meldung.clone()),
            last_error_time: last_error.map(|error| Timestamp(error.at)),
            recent_batches: batches.collect(),
            oldest_waiting: figures.oldest_waiting.map(Timestamp),
            oldest_due_seconds: figures.oldest_due.map(|due| due.as_secs()),
            emails_in_doubt: figures.in_doubt,
            emails_sent_last_hour: figures.sent_last_hour,
            last_attempts: AttemptsAnswer {
                known: figures.attempts.known,
                failed: figures.attempts.failed,
            },
        }
    }
}
