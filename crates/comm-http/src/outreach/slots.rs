//! `GET /api/therapists/{id}/slots` (contract, 'Slot finding').

use super::erreichbarkeit::therapist;
use super::erreichbarkeit_answer::ErreichbarkeitAnswer;
use super::list_answer::ListAnswer;
use super::values::{Datum, Zeit};
use crate::openapi::{self, Directory, Invalid, NotFound};
use crate::problem::Problem;
use crate::query::{PageParameters, Query};
use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use comm_app::Telefonanrufe;
use comm_app::outreach::telefonanrufe::SlotsRequest;
use comm_domain::outreach::{Grund, Termin};
use comm_ports::outreach::Counting;
use comm_ports::page::Page;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// Which slots are looked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`list` reads them; here they are described")]
pub(crate) struct SlotParameters {
    /// The first day; today where it is left out.
    von: Option<NaiveDate>,
    /// The last day, at most 365 after the first; the last one of the horizon where it is left out.
    bis: Option<NaiveDate>,
    /// How many minutes the call is to take; 5 where it is left out.
    #[param(minimum = 5, maximum = 120, multiple_of = 5)]
    dauer_minuten: Option<i64>,
    /// `exact` counts beyond 10,000.
    #[param(value_type = Option<openapi::Total>)]
    total: Option<String>,
}

/// A free slot.
#[derive(Serialize, ToSchema)]
#[schema(as = Slot)]
pub(crate) struct SlotAnswer {
    /// The day.
    #[schema(value_type = NaiveDate)]
    datum: Datum,
    /// The time of day.
    #[schema(value_type = String, format = "hours-and-minutes")]
    zeit: Zeit,
    /// How many minutes it has.
    #[schema(minimum = 5, maximum = 120, multiple_of = 5)]
    dauer_minuten: i16,
}

impl From<Termin> for SlotAnswer {
    fn from(termin: Termin) -> Self {
        Self {
            datum: Datum(termin.datum()),
            zeit: Zeit(termin.zeit()),
            dauer_minuten: termin.dauer().minuten(),
        }
    }
}

/// A day without a free slot.
#[derive(Serialize, ToSchema)]
pub(crate) struct TagOhneTermin {
    /// The day.
    #[schema(value_type = NaiveDate)]
    datum: Datum,
    /// Why it has none.
    #[schema(value_type = openapi::Grund)]
    grund: &'static str,
}

impl From<(NaiveDate, Grund)> for TagOhneTermin {
    fn from((datum, grund): (NaiveDate, Grund)) -> Self {
        Self {
            datum: Datum(datum),
            grund: grund.as_str(),
        }
    }
}

#[derive(Serialize)]
struct SlotsAnswer {
    #[serde(flatten)]
    list: ListAnswer<SlotAnswer>,
    gruende: Vec<TagOhneTermin>,
    erreichbarkeit: ErreichbarkeitAnswer,
}

/// Lists the free slots of a therapist
///
/// The earliest first. They overlap each other: a call takes as many as it is long.
#[utoipa::path(
    get,
    operation_id = "list_slots",
    path = "/api/therapists/{id}/slots",
    tag = "therapists",
    params(
        ("id" = i64, Path, description = "The therapist's id.", minimum = 1),
        SlotParameters,
        PageParameters,
    ),
    responses(
        (status = 200, description = "A page of slots.", body = openapi::SlotPage),
        Invalid,
        NotFound,
        Directory,
    )
)]
pub(crate) async fn list(
    telefonanrufe: web::Data<Telefonanrufe>,
    path: web::Path<String>,
    parameters: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let therapist = therapist(&path)?;
    let query = Query::new(parameters.into_inner());
    let (page, counting) = (query.page()?, query.counting()?);
    let request = SlotsRequest {
        von: query.date("von")?,
        bis: query.date("bis")?,
        dauer_minuten: query.integer("dauer_minuten")?,
    };
    let slots = telefonanrufe.slots(therapist, request).await?;
    let mut list = Page::of(slots.termine, &page);
    if counting == Counting::Capped {
        list.total = list.total.map(|total| total.up_to_the_cap());
    }
    Ok(HttpResponse::Ok().json(SlotsAnswer {
        list: ListAnswer::new(list, &page),
        gruende: slots.gruende.into_iter().map(TagOhneTermin::from).collect(),
        erreichbarkeit: slots.erreichbarkeit.into(),
    }))
}
