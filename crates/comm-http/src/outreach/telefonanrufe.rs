//! `/api/phone-calls` (contract, 'Telefonanruf').

use super::emails::Deleted;
use super::telefonanruf_answer::TelefonanrufAnswer;
use super::telefonanruf_body::{CreateBody, UpdateBody};
use crate::extract::{JsonBody, LIMIT, Posted};
use crate::idempotency;
use crate::openapi::{Conflict, Directory, NotFound, Storage, Unreadable};
use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use comm_app::outreach::telefonanrufe::ShownTelefonanruf;
use comm_app::{Once, OutreachError, Telefonanrufe};
use comm_domain::outreach::TelefonanrufId;
use comm_ports::KeptAnswer;

type Answer = Result<HttpResponse, Problem>;

/// Plans a phone call, or records one that was made
///
/// At the time that is given, whatever speaks against it but another call; else in the earliest free slot.
#[utoipa::path(
    post,
    operation_id = "create_telefonanruf",
    path = "/api/phone-calls",
    tag = "phone-calls",
    params(("Idempotency-Key" = Option<String>, Header, format = "idempotency-key")),
    request_body(content = CreateBody, example = json!({"therapist_id": 7})),
    responses(
        (status = 201, description = "The call.", body = TelefonanrufAnswer, headers(("Location" = String, description = "Where it can be read."))),
        Unreadable,
        Conflict,
        Directory,
    )
)]
pub(crate) async fn create(
    telefonanrufe: web::Data<Telefonanrufe>,
    posted: Posted<CreateBody, LIMIT>,
) -> Answer {
    let request = posted.body.and_then(CreateBody::parse);
    let answer = match posted.key {
        None => created(telefonanrufe.create(request?).await?),
        Some(key) => {
            let answer = created;
            telefonanrufe
                .create_once(request, Once { key, answer })
                .await?
        }
    };
    idempotency::respond(answer)
}

fn created(anruf: ShownTelefonanruf) -> KeptAnswer {
    let anruf = TelefonanrufAnswer::from(anruf);
    idempotency::created(Some(anruf.location()), &anruf)
}

/// Reads a phone call
#[utoipa::path(
    get,
    operation_id = "get_telefonanruf",
    path = "/api/phone-calls/{id}",
    tag = "phone-calls",
    params(("id" = i64, Path, description = "Its id.", minimum = 1)),
    responses((status = 200, description = "The call.", body = TelefonanrufAnswer), NotFound, Storage)
)]
pub(crate) async fn get(
    telefonanrufe: web::Data<Telefonanrufe>,
    path: web::Path<String>,
) -> Answer {
    let anruf = telefonanrufe.get(id(&path)?).await?;
    Ok(HttpResponse::Ok().json(TelefonanrufAnswer::from(anruf)))
}

/// Changes a phone call
///
/// Moves it, records its outcome, changes its state: all or nothing. One that reached nobody gets its next attempt by
/// itself.
#[utoipa::path(
    put,
    operation_id = "update_telefonanruf",
    path = "/api/phone-calls/{id}",
    tag = "phone-calls",
    params(("id" = i64, Path, description = "Its id.", minimum = 1)),
    request_body(content = UpdateBody, example = json!({"status": "fehlgeschlagen"})),
    responses(
        (status = 200, description = "The call as it is now.", body = TelefonanrufAnswer),
        Unreadable,
        NotFound,
        Conflict,
        Storage,
    )
)]
pub(crate) async fn update(
    telefonanrufe: web::Data<Telefonanrufe>,
    path: web::Path<String>,
    body: JsonBody<UpdateBody, LIMIT>,
) -> Answer {
    let anruf = telefonanrufe.update(id(&path)?, body.0.parse()?).await?;
    Ok(HttpResponse::Ok().json(TelefonanrufAnswer::from(anruf)))
}

/// Deletes a phone call
///
/// One that is planned is called off by it.
#[utoipa::path(
    delete,
    operation_id = "delete_telefonanruf",
    path = "/api/phone-calls/{id}",
    tag = "phone-calls",
    params(("id" = i64, Path, description = "Its id.", minimum = 1)),
    responses((status = 200, description = "It is deleted.", body = Deleted), NotFound, Storage)
)]
pub(crate) async fn remove(
    telefonanrufe: web::Data<Telefonanrufe>,
    path: web::Path<String>,
) -> Answer {
    telefonanrufe.delete(id(&path)?).await?;
    let message = "Phone call deleted successfully";
    Ok(HttpResponse::Ok().json(Deleted { message }))
}

/// What is no id of ours, because it is no number or too large, is the id of no call.
fn id(path: &str) -> Result<TelefonanrufId, Problem> {
    path.parse()
        .map(TelefonanrufId)
        .map_err(|_| OutreachError::TelefonanrufNotFound.into())
}
