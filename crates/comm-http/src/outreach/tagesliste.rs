//! `GET /api/phone-calls/tagesliste` (contract, 'Telefonanruf').

use super::telefonanruf_answer::TelefonanrufAnswer;
use super::values::{Datum, Zeit};
use crate::openapi::{self, Invalid, Storage};
use crate::problem::Problem;
use crate::query::Query;
use actix_web::{HttpResponse, web};
use comm_app::Berichte;
use comm_app::outreach::{GesendeteEmail, Tagesliste, Tageszeile};
use comm_domain::{field, tel_uri};
use comm_ports::outreach::FruehererVersuch;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// Which calls the list has.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`tagesliste` reads them; here they are described")]
pub(crate) struct TageslisteParameters {
    /// The day; today in the time zone of the service by default.
    datum: Option<chrono::NaiveDate>,
    /// Only those of this member of staff.
    #[param(format = "line")]
    bearbeiter: Option<String>,
}

/// Lists the calls of a day
///
/// In the order of their time, in whatever state, with what the staff needs to know to make them.
#[utoipa::path(
    get,
    operation_id = "tagesliste",
    path = "/api/phone-calls/tagesliste",
    tag = "phone-calls",
    params(TageslisteParameters),
    responses((status = 200, description = "The day's list.", body = TageslisteAnswer), Invalid, Storage)
)]
pub(crate) async fn tagesliste(
    berichte: web::Data<Berichte>,
    parameters: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let query = Query::new(parameters.into_inner());
    let datum = query.date("datum")?;
    let bearbeiter = query.choice("bearbeiter", |name| field::line("bearbeiter", name))?;
    let liste = berichte.tagesliste(datum, bearbeiter).await?;
    Ok(HttpResponse::Ok().json(TageslisteAnswer::from(liste)))
}

/// The calls of a day.
#[derive(Serialize, ToSchema)]
#[schema(as = Tagesliste)]
struct TageslisteAnswer {
    /// The day.
    #[schema(value_type = NaiveDate)]
    datum: Datum,
    /// Its calls, in the order of their time.
    data: Vec<TageszeileAnswer>,
    /// How many there are.
    #[schema(minimum = 0)]
    total: usize,
}

/// A call of the day, with who is called and why.
#[derive(Serialize, ToSchema)]
#[schema(as = Tageszeile)]
struct TageszeileAnswer {
    #[serde(flatten)]
    anruf: TelefonanrufAnswer,
    /// Title, first and last name, where the directory knows them.
    name: Option<String>,
    /// The telephone number, where the directory knows it.
    telefon: Option<String>,
    /// The link that dials it, where it is a number and nothing else.
    telefon_uri: Option<String>,
    /// Why the call was planned.
    #[schema(value_type = openapi::Planungsgrund)]
    grund_der_planung: &'static str,
    /// The emails that it follows up.
    emails: Vec<VerfolgteEmailAnswer>,
    /// The attempts before it, latest first.
    fruehere_versuche: Vec<FruehererVersuchAnswer>,
}

/// An email that a call follows up.
#[derive(Serialize, ToSchema)]
#[schema(as = VerfolgteEmail)]
struct VerfolgteEmailAnswer {
    /// Its id.
    #[schema(minimum = 1)]
    id: i64,
    /// Its subject.
    betreff: String,
    /// The day on which it was sent.
    #[schema(value_type = Option<NaiveDate>)]
    datum: Option<Datum>,
}

/// An attempt before a call.
#[derive(Serialize, ToSchema)]
#[schema(as = FruehererVersuch)]
struct FruehererVersuchAnswer {
    /// Its id.
    #[schema(minimum = 1)]
    id: i64,
    /// The day on which it was made, else the planned one.
    #[schema(value_type = NaiveDate)]
    datum: Datum,
    /// The time of day, likewise.
    #[schema(value_type = String, format = "hours-and-minutes")]
    zeit: Zeit,
    /// Where it stands.
    #[schema(value_type = openapi::TelefonanrufStatus)]
    status: &'static str,
    /// What came out of it.
    #[schema(value_type = Option<openapi::ErgebnisArt>)]
    ergebnis_art: Option<&'static str>,
    /// Notes of the staff.
    notizen: Option<String>,
    /// Which attempt it was.
    #[schema(minimum = 1)]
    versuch: i32,
}

impl From<Tagesliste> for TageslisteAnswer {
    fn from(liste: Tagesliste) -> Self {
        Self {
            datum: Datum(liste.datum),
            total: liste.zeilen.len(),
            data: liste.zeilen.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Tageszeile> for TageszeileAnswer {
    fn from(zeile: Tageszeile) -> Self {
        let telefon = zeile.kontakt.telefon;
        Self {
            anruf: TelefonanrufAnswer::from(zeile.anruf),
            name: zeile.kontakt.name,
            telefon_uri: telefon.as_deref().and_then(tel_uri),
            telefon,
            grund_der_planung: zeile.grund.as_str(),
            emails: zeile.emails.into_iter().map(Into::into).collect(),
            fruehere_versuche: zeile.fruehere.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<GesendeteEmail> for VerfolgteEmailAnswer {
    fn from(email: GesendeteEmail) -> Self {
        Self {
            id: email.id.0,
            betreff: email.betreff,
            datum: email.datum.map(Datum),
        }
    }
}

impl From<FruehererVersuch> for FruehererVersuchAnswer {
    fn from(versuch: FruehererVersuch) -> Self {
        Self {
            id: versuch.id.0,
            datum: Datum(versuch.datum),
            zeit: Zeit(versuch.zeit),
            status: versuch.status.as_str(),
            ergebnis_art: versuch.ergebnis_art.map(|art| art.as_str()),
            notizen: versuch.notizen,
            versuch: versuch.versuch,
        }
    }
}
