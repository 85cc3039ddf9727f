//! `GET /api/phone-calls` (contract, 'Shared rules' and 'Telefonanruf').

use super::list_answer::ListAnswer;
use super::telefonanruf_answer::TelefonanrufAnswer;
use crate::openapi::{self, Invalid, Storage};
use crate::problem::Problem;
use crate::query::{PageParameters, Query};
use actix_web::{HttpResponse, web};
use comm_app::Telefonanrufe;
use comm_domain::field;
use comm_domain::outreach::{RecipientType, TelefonanrufStatus};
use comm_ports::outreach::{TelefonanrufFilter, TelefonanrufQuery};
use utoipa::IntoParams;

/// Which calls a list shows, and how.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`filter` reads them; here they are described")]
pub(crate) struct TelefonanrufParameters {
    /// Only those to this therapist; 0 counts as left out.
    #[param(minimum = 0)]
    therapist_id: Option<i64>,
    /// Only those to this patient; 0 counts as left out.
    #[param(minimum = 0)]
    patient_id: Option<i64>,
    /// Only those of this bundle; 0 counts as left out.
    #[param(minimum = 0)]
    therapeutenanfrage_id: Option<i64>,
    /// Only those to therapists, or to patients.
    recipient_type: Option<openapi::RecipientType>,
    /// Only those in this state.
    status: Option<openapi::TelefonanrufStatus>,
    /// Only those of this member of staff.
    #[param(format = "line")]
    bearbeiter: Option<String>,
    /// Only those planned for this day.
    geplantes_datum: Option<chrono::NaiveDate>,
    /// Only those planned for this day or later.
    von: Option<chrono::NaiveDate>,
    /// Only those planned for this day or earlier.
    bis: Option<chrono::NaiveDate>,
    /// `exact` counts beyond 10,000, which takes its time.
    #[param(value_type = Option<openapi::Total>)]
    total: Option<String>,
}

/// Lists phone calls
///
/// By the planned day and time, the latest first.
#[utoipa::path(
    get,
    operation_id = "list_telefonanrufe",
    path = "/api/phone-calls",
    tag = "phone-calls",
    params(TelefonanrufParameters, PageParameters),
    responses((status = 200, description = "A page of calls.", body = openapi::TelefonanrufPage), Invalid, Storage)
)]
pub(crate) async fn list(
    telefonanrufe: web::Data<Telefonanrufe>,
    parameters: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let parameters = Query::new(parameters.into_inner());
    let query = TelefonanrufQuery {
        filter: filter(&parameters)?,
        page: parameters.page()?,
        counting: parameters.counting()?,
    };
    let page = telefonanrufe.list(&query).await?;
    let answer = ListAnswer::<TelefonanrufAnswer>::new(page, &query.page);
    Ok(HttpResponse::Ok().json(answer))
}

fn filter(query: &Query) -> Result<TelefonanrufFilter, Problem> {
    Ok(TelefonanrufFilter {
        therapist_id: query.id("therapist_id")?,
        patient_id: query.id("patient_id")?,
        therapeutenanfrage_id: query.id("therapeutenanfrage_id")?,
        recipient_type: query.choice("recipient_type", RecipientType::parse)?,
        status: query.choice("status", TelefonanrufStatus::parse)?,
        bearbeiter: query.choice("bearbeiter", |name| field::line("bearbeiter", name))?,
        geplantes_datum: query.date("geplantes_datum")?,
        von: query.date("von")?,
        bis: query.date("bis")?,
    })
}
