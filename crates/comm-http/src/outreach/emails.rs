//! `/api/emails` (contract, 'Email').

use super::email_answer::EmailAnswer;
use super::email_body::{CreateBody, UpdateBody};
use crate::extract::{JsonBody, Posted};
use crate::idempotency;
use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use comm_app::outreach::ShownEmail;
use comm_app::{Emails, Once, OutreachError};
use comm_domain::outreach::EmailId;
use comm_ports::KeptAnswer;
use serde_json::json;

type Answer = Result<HttpResponse, Problem>;

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

pub(crate) async fn get(emails: web::Data<Emails>, path: web::Path<String>) -> Answer {
    let email = emails.get(id(&path)?).await?;
    Ok(HttpResponse::Ok().json(EmailAnswer::from(email)))
}

pub(crate) async fn update(
    emails: web::Data<Emails>,
    path: web::Path<String>,
    body: JsonBody<UpdateBody>,
) -> Answer {
    let email = emails.update(id(&path)?, body.0.parse()?).await?;
    Ok(HttpResponse::Ok().json(EmailAnswer::from(email)))
}

pub(crate) async fn remove(emails: web::Data<Emails>, path: web::Path<String>) -> Answer {
    emails.delete(id(&path)?).await?;
    Ok(HttpResponse::Ok().json(json!({"message": "Email deleted successfully"})))
}

/// What is no id of ours, because it is no number or too large, is the id of no email.
pub(super) fn id(path: &str) -> Result<EmailId, Problem> {
    path.parse()
        .map(EmailId)
        .map_err(|_| OutreachError::EmailNotFound.into())
}
