//! `GET /api/therapists/{id}/kontakte` (contract, 'Telefonanruf' and 'Contact rules').

use super::erreichbarkeit::therapist;
use super::kontakt_answer::KontaktAnswer;
use super::kontaktsperre::bis;
use super::list_answer::ListAnswer;
use super::values::{Datum, Timestamp};
use super::wegstand::Wegstand;
use crate::openapi::{self, Invalid, NotFound, Storage};
use crate::problem::Problem;
use crate::query::{PageParameters, Query};
use actix_web::{HttpResponse, web};
use comm_app::Therapeutenkontakte;
use comm_app::outreach::Regelstand;
use comm_ports::outreach::Sperre;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize)]
struct KontakteAnswer {
    #[serde(flatten)]
    list: ListAnswer<KontaktAnswer>,
    regelstand: RegelstandAnswer,
}

/// What the contact rules for the service say of a therapist today.
#[derive(Serialize, ToSchema)]
#[schema(as = Regelstand)]
pub(crate) struct RegelstandAnswer {
    /// When the last mail was queued, went or is to go, or the therapist was last spoken to, whichever is latest.
    #[schema(value_type = Option<DateTime<Utc>>)]
    letzter_kontakt: Option<Timestamp>,
    /// The day of the last mail that counts, deleted ones included.
    #[schema(value_type = Option<NaiveDate>)]
    letzte_mail: Option<Datum>,
    /// The day of the last refusal, by phone or by mail.
    #[schema(value_type = Option<NaiveDate>)]
    letzte_ablehnung: Option<Datum>,
    /// The block by hand, if one holds.
    gesperrt: Option<Gesperrt>,
    /// Whether a mail may be queued.
    mail: Wegstand,
    /// Whether a call may be booked.
    anruf: Wegstand,
}

/// A block by hand.
#[derive(Serialize, ToSchema)]
struct Gesperrt {
    /// Since when.
    #[schema(value_type = DateTime<Utc>)]
    seit: Timestamp,
    /// Its last day; `null`: until somebody lifts it.
    #[schema(value_type = Option<NaiveDate>)]
    bis: Option<Datum>,
    /// Why, in the words of the staff.
    begruendung: String,
}

impl From<Regelstand> for RegelstandAnswer {
    fn from(stand: Regelstand) -> Self {
        Self {
            letzter_kontakt: stand.letzter_kontakt.map(Timestamp),
            letzte_mail: stand.letzte_mail.map(Datum),
            letzte_ablehnung: stand.letzte_ablehnung.map(Datum),
            gesperrt: stand.gesperrt.map(Gesperrt::from),
            mail: stand.mail.into(),
            anruf: stand.anruf.into(),
        }
    }
}

impl From<Sperre> for Gesperrt {
    fn from(sperre: Sperre) -> Self {
        Self {
            seit: Timestamp(sperre.seit),
            bis: bis(&sperre),
            begruendung: sperre.begruendung,
        }
    }
}

/// Lists the contacts of a therapist
///
/// Mails and calls on one timeline, the latest first, with what the contact rules say. Drafts are none; deleted ones are
/// left out, and count for the rules.
#[utoipa::path(
    get,
    operation_id = "list_kontakte",
    path = "/api/therapists/{id}/kontakte",
    tag = "therapists",
    params(
        ("id" = i64, Path, description = "The therapist's id.", minimum = 1),
        PageParameters,
        ("total" = Option<openapi::Total>, Query, description = "`exact` counts beyond 10,000, which takes its time."),
    ),
    responses(
        (status = 200, description = "A page of contacts.", body = openapi::KontaktPage),
        Invalid,
        NotFound,
        Storage,
    )
)]
pub(crate) async fn list(
    kontakte: web::Data<Therapeutenkontakte>,
    path: web::Path<String>,
    parameters: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let therapist = therapist(&path)?;
    let query = Query::new(parameters.into_inner());
    let (page, counting) = (query.page()?, query.counting()?);
    let verlauf = kontakte.kontakte(therapist, &page, counting).await?;
    Ok(HttpResponse::Ok().json(KontakteAnswer {
        list: ListAnswer::new(verlauf.kontakte, &page),
        regelstand: verlauf.regelstand.into(),
    }))
}
