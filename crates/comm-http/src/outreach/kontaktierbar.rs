//! `GET /api/therapists/kontaktierbar` (contract, 'Contact rules').

use super::list_answer::ListAnswer;
use super::values::Timestamp;
use crate::openapi::{self, Invalid, Storage};
use crate::problem::Problem;
use crate::query::{PageParameters, Query};
use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use comm_app::Therapeutenkontakte;
use comm_app::outreach::{KontaktierbarRequest, Kontaktierbarer};
use comm_domain::outreach::Kontaktweg;
use comm_ports::outreach::Counting;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// Which therapists are asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`list` reads them; here they are described")]
pub(crate) struct KontaktierbarParameters {
    /// The day, not in the past; today where it is left out.
    am: Option<NaiveDate>,
    /// By which way they may be contacted; by both where it is left out.
    weg: Option<openapi::Kontaktweg>,
    /// `exact` counts beyond 10,000.
    #[param(value_type = Option<openapi::Total>)]
    total: Option<String>,
}

/// A therapist who may be contacted.
#[derive(Serialize, ToSchema)]
#[schema(as = Kontaktierbarer)]
pub(crate) struct KontaktierbarerAnswer {
    /// The therapist.
    #[schema(minimum = 1)]
    therapist_id: i64,
    /// Title, first and last name, where the directory has said them.
    name: Option<String>,
    /// Whether the directory says that there may be a place.
    potenziell_verfuegbar: bool,
    /// What it says about that.
    potenziell_verfuegbar_notizen: Option<String>,
    /// When the last mail was queued, went or is to go, or the therapist was last spoken to; `null`: never.
    #[schema(value_type = Option<DateTime<Utc>>)]
    letzter_kontakt: Option<Timestamp>,
}

impl From<Kontaktierbarer> for KontaktierbarerAnswer {
    fn from(therapist: Kontaktierbarer) -> Self {
        let merkmale = therapist.merkmale;
        Self {
            therapist_id: therapist.therapist_id,
            name: merkmale.name,
            potenziell_verfuegbar: merkmale.potenziell_verfuegbar,
            potenziell_verfuegbar_notizen: merkmale.potenziell_verfuegbar_notizen,
            letzter_kontakt: therapist.letzter_kontakt.map(Timestamp),
        }
    }
}

/// Lists the therapists who may be contacted on a day
///
/// By the contact rules for the service, out of those of whom there is a contact or a copy out of the directory: who is
/// `potenziell_verfuegbar` before others, then whoever was not contacted for longest. What is planned already does not
/// matter.
#[utoipa::path(
    get,
    operation_id = "list_kontaktierbare",
    path = "/api/therapists/kontaktierbar",
    tag = "therapists",
    params(KontaktierbarParameters, PageParameters),
    responses((status = 200, description = "A page of therapists.", body = openapi::KontaktierbarerPage), Invalid, Storage)
)]
pub(crate) async fn list(
    kontakte: web::Data<Therapeutenkontakte>,
    parameters: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let query = Query::new(parameters.into_inner());
    let (page, counting) = (query.page()?, query.counting()?);
    let request = KontaktierbarRequest {
        am: query.date("am")?,
        weg: query.choice("weg", Kontaktweg::parse)?,
    };
    let mut list = kontakte.kontaktierbar(request, &page).await?;
    if counting == Counting::Capped {
        list.total = list.total.map(|total| total.up_to_the_cap());
    }
    Ok(HttpResponse::Ok().json(ListAnswer::<KontaktierbarerAnswer>::new(list, &page)))
}
