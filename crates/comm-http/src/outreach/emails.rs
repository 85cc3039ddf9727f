//! `/api/emails` (contract, 'Email').

use super::email_answer::EmailAnswer;
use super::email_body::{CreateBody, UpdateBody};
use crate::extract::{JsonBody, Posted};
use crate::idempotency;
use crate::openapi::{Conflict, NotFound, Storage, Unreadable};
use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use comm_app::outreach::ShownEmail;
use comm_app::{Emails, Once, OutreachError};
use comm_domain::outreach::EmailId;
use comm_ports::KeptAnswer;
use serde::Serialize;
use utoipa::ToSchema;

type Answer = Result<HttpResponse, Problem>;

/// Stores an email
///
/// As a draft, or to be sent: then it goes out once the time in which it can be recalled has passed.
#[utoipa::path(
    post,
    operation_id = "create_email",
    path = "/api/emails",
    tag = "emails",
    params(("Idempotency-Key" = Option<String>, Header, format = "idempotency-key")),
    request_body(content = CreateBody, example = json!({
        "therapist_id": 7,
        "betreff": "Anfrage",
        "inhalt_markdown": "# Guten Tag\n\nwir suchen einen **Therapieplatz**.",
        "empfaenger_email": "praxis@example.org",
        "empfaenger_name": "Dr. Ada Beispiel",
        "status": "In_Warteschlange",
    })),
    responses(
        (status = 201, description = "The email.", body = EmailAnswer, headers(("Location" = String, description = "Where it can be read."))),
        Unreadable,
        Conflict,
        Storage,
    )
)]
pub(crate) async fn create(emails: web::Data<Emails>, posted: Posted<CreateBody>) -> Answer {
    let request = posted.body.and_then(CreateBody::parse);
    let answer = match posted.key {
        None => created(emails.create(request?).await?),
        Some(key) => {
            let answer = created;
            emails.create_once(request, Once { key, answer }).await?
        }
    };
    idempotency::respond(answer)
}

fn created(email: ShownEmail) -> KeptAnswer {
    let email = EmailAnswer::from(email);
    idempotency::created(Some(email.location()), &email)
}

/// Reads an email
#[utoipa::path(
    get,
    operation_id = "get_email",
    path = "/api/emails/{id}",
    tag = "emails",
    params(("id" = i64, Path, description = "Its id.", minimum = 1)),
    responses((status = 200, description = "The email.", body = EmailAnswer), NotFound, Storage)
)]
pub(crate) async fn get(emails: web::Data<Emails>, path: web::Path<String>) -> Answer {
    let email = emails.get(id(&path)?).await?;
    Ok(HttpResponse::Ok().json(EmailAnswer::from(email)))
}

/// Changes an email
///
/// Edits a draft, records an answer, changes the state: all or nothing.
#[utoipa::path(
    put,
    operation_id = "update_email",
    path = "/api/emails/{id}",
    tag = "emails",
    params(("id" = i64, Path, description = "Its id.", minimum = 1)),
    request_body(content = UpdateBody, example = json!({"antwort_erhalten": true, "antwort_art": "angenommen"})),
    responses(
        (status = 200, description = "The email as it is now.", body = EmailAnswer),
        Unreadable,
        NotFound,
        Conflict,
        Storage,
    )
)]
pub(crate) async fn update(
    emails: web::Data<Emails>,
    path: web::Path<String>,
    body: JsonBody<UpdateBody>,
) -> Answer {
    let email = emails.update(id(&path)?, body.0.parse()?).await?;
    Ok(HttpResponse::Ok().json(EmailAnswer::from(email)))
}

/// What a deletion is answered.
#[derive(Serialize, ToSchema)]
pub(crate) struct Deleted {
    /// That it is done, in a sentence.
    pub(super) message: &'static str,
}

/// Deletes an email
///
/// One that never left is removed; one that was sent, or may have been, is hidden.
#[utoipa::path(
    delete,
    operation_id = "delete_email",
    path = "/api/emails/{id}",
    tag = "emails",
    params(("id" = i64, Path, description = "Its id.", minimum = 1)),
    responses((status = 200, description = "It is deleted.", body = Deleted), NotFound, Conflict, Storage)
)]
pub(crate) async fn remove(emails: web::Data<Emails>, path: web::Path<String>) -> Answer {
    emails.delete(id(&path)?).await?;
    let message = "Email deleted successfully";
    Ok(HttpResponse::Ok().json(Deleted { message }))
}

/// What is no id of ours, because it is no number or too large, is the id of no email.
pub(super) fn id(path: &str) -> Result<EmailId, Problem> {
    path.parse()
        .map(EmailId)
        .map_err(|_| OutreachError::EmailNotFound.into())
}
