//! `POST /api/kontaktregeln/simulation` (contract, 'Contact rules').

use super::list_answer::ListAnswer;
use super::simulation_answer::{RegelnAnswer, SimulierterAnswer, ZusammenfassungAnswer};
use super::values::{Datum, Integer, OnlyObject};
use crate::extract::ObjectIfAny;
use crate::openapi::{self, Storage, Unreadable};
use crate::problem::Problem;
use crate::query::{PageParameters, Query};
use actix_web::{HttpResponse, web};
use comm_app::Therapeutenkontakte;
use comm_app::outreach::{Simulation, SimulationRequest};
use comm_domain::FieldError;
use comm_domain::outreach::Durchsetzung;
use comm_ports::page::PageRequest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is to be simulated.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = NewSimulation)]
pub(crate) struct SimulationBody {
    /// The day, not in the past; today where it is left out.
    #[schema(value_type = Option<NaiveDate>)]
    am: Option<Datum>,
    /// How the rules are enforced.
    #[schema(value_type = Option<RegelnBody>)]
    regeln: Option<OnlyObject<RegelnBody>>,
    /// Whom it is about, known or not; where it is left out, everybody of whom there is a contact or a copy out of the
    /// directory.
    #[schema(value_type = Option<Vec<openapi::IdOrZero>>, max_items = 1000)]
    therapist_ids: Option<Vec<Integer<0>>>,
}

/// How each rule is enforced; as configured for the service where it is left out.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = NewRegeln)]
struct RegelnBody {
    /// At most one mail in 7 days.
    #[schema(value_type = Option<openapi::Durchsetzung>)]
    wochenfrist: Option<String>,
    /// No contact for 4 weeks after a refusal.
    #[schema(value_type = Option<openapi::Durchsetzung>)]
    sperrfrist: Option<String>,
    /// No contact while blocked by hand.
    #[schema(value_type = Option<openapi::Durchsetzung>)]
    sperre: Option<String>,
}

impl SimulationBody {
    fn request(self) -> Result<SimulationRequest, FieldError> {
        let regeln = self.regeln.map(|only| only.0).unwrap_or_default();
        let ids = |ids: Vec<Integer<0>>| ids.into_iter().map(|id| id.0).collect();
        Ok(SimulationRequest {
            am: self.am.map(|day| day.0),
            wochenfrist: rule("regeln.wochenfrist", regeln.wochenfrist)?,
            sperrfrist: rule("regeln.sperrfrist", regeln.sperrfrist)?,
            sperre: rule("regeln.sperre", regeln.sperre)?,
            therapist_ids: self.therapist_ids.map(ids),
        })
    }
}

fn rule(field: &'static str, given: Option<String>) -> Result<Option<Durchsetzung>, FieldError> {
    let parse = |given: String| Durchsetzung::parse_as(field, &given);
    given.map(parse).transpose()
}

#[derive(Serialize)]
struct SimulationAnswer {
    am: Datum,
    regeln: RegelnAnswer,
    zusammenfassung: ZusammenfassungAnswer,
    #[serde(flatten)]
    list: ListAnswer<SimulierterAnswer>,
}

impl SimulationAnswer {
    fn new(simulation: Simulation, page: &PageRequest) -> Self {
        Self {
            am: Datum(simulation.am),
            regeln: simulation.regeln.into(),
            zusammenfassung: ZusammenfassungAnswer {
                mail: simulation.mail.into(),
                anruf: simulation.anruf.into(),
            },
            list: ListAnswer::new(simulation.therapeuten, page),
        }
    }
}

/// Says who would be mailed or called under a rule set
///
/// On a day, and why others would not, in the order in which therapists are to be contacted. Nothing is changed.
#[utoipa::path(
    post,
    operation_id = "simulate_kontaktregeln",
    path = "/api/kontaktregeln/simulation",
    tag = "therapists",
    params(
        PageParameters,
        ("total" = Option<openapi::Total>, Query, description = "`exact` counts beyond 10,000."),
    ),
    request_body(
        content = Option<SimulationBody>,
        example = json!({"regeln": {"wochenfrist": "warn"}, "therapist_ids": [7]}),
    ),
    responses(
        (status = 200, description = "A page of therapists, and how all fare.", body = openapi::SimulationPage),
        Unreadable,
        Storage,
    )
)]
pub(crate) async fn simulate(
    kontakte: web::Data<Therapeutenkontakte>,
    parameters: web::Query<Vec<(String, String)>>,
    body: ObjectIfAny<SimulationBody>,
) -> Result<HttpResponse, Problem> {
    let query = Query::new(parameters.into_inner());
    let (page, counting) = (query.page()?, query.counting()?);
    let simulation = kontakte
        .simulate(body.0.request()?, &page, counting)
        .await?;
    Ok(HttpResponse::Ok().json(SimulationAnswer::new(simulation, &page)))
}
