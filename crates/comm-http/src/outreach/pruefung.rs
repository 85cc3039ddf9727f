//! `GET /api/therapists/{id}/erreichbarkeit/pruefen` (contract, 'Telefonanruf').

use super::erreichbarkeit::therapist;
use super::erreichbarkeit_answer::ErreichbarkeitAnswer;
use super::termin::FreierTermin;
use super::values::{Datum, Zeit};
use crate::openapi::{self, Directory, Invalid, NotFound};
use crate::problem::Problem;
use crate::query::Query;
use actix_web::{HttpResponse, web};
use comm_app::Telefonanrufe;
use comm_app::outreach::telefonanrufe::Pruefung;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// Which time is meant.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`check` reads them; here they are described")]
pub(crate) struct PruefungParameters {
    /// The day.
    datum: chrono::NaiveDate,
    /// The time of day.
    #[param(value_type = String, format = "time-of-day")]
    zeit: Zeit,
    /// How many minutes the call would take; 5 where it is left out.
    #[param(minimum = 5, maximum = 120, multiple_of = 5)]
    dauer_minuten: Option<i64>,
}

/// Whether a therapist can be called at a time.
#[derive(Serialize, ToSchema)]
#[schema(as = Pruefung)]
pub(crate) struct PruefungAnswer {
    /// The day that was asked about.
    #[schema(value_type = NaiveDate)]
    datum: Datum,
    /// The time of day that was asked about.
    #[schema(value_type = String, format = "hours-and-minutes")]
    zeit: Zeit,
    /// How many minutes the call would take.
    #[schema(minimum = 5, maximum = 120, multiple_of = 5)]
    dauer_minuten: i16,
    /// Whether nothing speaks against it.
    erreichbar: bool,
    /// What speaks against it; of several reasons the one that would change last.
    #[schema(value_type = Option<openapi::Grund>)]
    grund: Option<&'static str>,
    /// Everything that speaks against it.
    #[schema(value_type = Vec<openapi::Grund>)]
    gruende: Vec<&'static str>,
    /// The first day on which no contact rule speaks against it, where one does.
    #[schema(value_type = Option<NaiveDate>)]
    naechster_kontakt_moeglich: Option<Datum>,
    /// The earliest free slot from that day on.
    naechster_freier_termin: Option<FreierTermin>,
    /// The hours that were looked at.
    erreichbarkeit: ErreichbarkeitAnswer,
}

impl From<Pruefung> for PruefungAnswer {
    fn from(pruefung: Pruefung) -> Self {
        let gruende: Vec<_> = pruefung
            .gruende
            .iter()
            .map(|grund| grund.as_str())
            .collect();
        Self {
            datum: Datum(pruefung.termin.datum()),
            zeit: Zeit(pruefung.termin.zeit()),
            dauer_minuten: pruefung.termin.dauer().minuten(),
            erreichbar: gruende.is_empty(),
            grund: gruende.first().copied(),
            gruende,
            naechster_kontakt_moeglich: pruefung.naechster_kontakt_moeglich.map(Datum),
            naechster_freier_termin: pruefung.naechster_freier_termin.map(FreierTermin::from),
            erreichbarkeit: pruefung.erreichbarkeit.into(),
        }
    }
}

/// Says whether a therapist can be called at a time
///
/// And if not, why, and when instead.
#[utoipa::path(
    get,
    operation_id = "check_erreichbarkeit",
    path = "/api/therapists/{id}/erreichbarkeit/pruefen",
    tag = "therapists",
    params(("id" = i64, Path, description = "The therapist's id.", minimum = 1), PruefungParameters),
    responses(
        (status = 200, description = "Whether, and if not, why.", body = PruefungAnswer),
        Invalid,
        NotFound,
        Directory,
    )
)]
pub(crate) async fn check(
    telefonanrufe: web::Data<Telefonanrufe>,
    path: web::Path<String>,
    parameters: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let therapist = therapist(&path)?;
    let query = Query::new(parameters.into_inner());
    let datum = query.date("datum")?;
    let datum = datum.ok_or_else(|| Problem::invalid("datum is required"))?;
    let zeit = query.time_of_day("zeit")?;
    let zeit = zeit.ok_or_else(|| Problem::invalid("zeit is required"))?;
    let dauer = query.integer("dauer_minuten")?;
    let pruefung = telefonanrufe.pruefen(therapist, datum, zeit, dauer).await?;
    Ok(HttpResponse::Ok().json(PruefungAnswer::from(pruefung)))
}
