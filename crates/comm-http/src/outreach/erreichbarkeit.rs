//! `/api/therapists/{id}/erreichbarkeit` (contract, 'Telefonanruf' and 'Telephone hours').

use super::erreichbarkeit_answer::ErreichbarkeitAnswer;
use crate::extract::JsonValue;
use crate::openapi::{self, Directory, NotFound, Unreadable};
use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use comm_app::{OutreachError, Telefonanrufe};
use comm_domain::outreach::Angabe;

type Answer = Result<HttpResponse, Problem>;

/// Reads the telephone hours of a therapist
///
/// Those kept by hand, else the directory's, else the office hours.
#[utoipa::path(
    get,
    operation_id = "get_erreichbarkeit",
    path = "/api/therapists/{id}/erreichbarkeit",
    tag = "therapists",
    params(("id" = i64, Path, description = "The therapist's id.", minimum = 1)),
    responses((status = 200, description = "The hours as they hold now.", body = ErreichbarkeitAnswer), NotFound, Directory)
)]
pub(crate) async fn get(
    telefonanrufe: web::Data<Telefonanrufe>,
    path: web::Path<String>,
) -> Answer {
    let hours = telefonanrufe.erreichbarkeit(therapist(&path)?).await?;
    Ok(HttpResponse::Ok().json(ErreichbarkeitAnswer::from(hours)))
}

/// Keeps the telephone hours of a therapist by hand
///
/// They win over the directory's until they are cleared with a body of `null`. Days in English or German, any case, in
/// full or by two letters; a window is an object with `start` and `end`, or a text.
#[utoipa::path(
    put,
    operation_id = "set_erreichbarkeit",
    path = "/api/therapists/{id}/erreichbarkeit",
    tag = "therapists",
    params(("id" = i64, Path, description = "The therapist's id.", minimum = 1)),
    request_body(content = openapi::StatedHours, example = json!({"monday": [{"start": "09:00", "end": "12:00"}]})),
    responses(
        (status = 200, description = "The hours as they hold now.", body = ErreichbarkeitAnswer),
        Unreadable,
        NotFound,
        Directory,
    )
)]
pub(crate) async fn set(
    telefonanrufe: web::Data<Telefonanrufe>,
    path: web::Path<String>,
    body: JsonValue<Option<Angabe>>,
) -> Answer {
    let hours = telefonanrufe.set_erreichbarkeit(therapist(&path)?, body.0);
    let hours = hours.await?;
    Ok(HttpResponse::Ok().json(ErreichbarkeitAnswer::from(hours)))
}

/// What is no id, because it is no number or too large, is the id of no therapist.
pub(super) fn therapist(path: &str) -> Result<i64, Problem> {
    path.parse()
        .map_err(|_| OutreachError::TherapistPathNotFound.into())
}
