//! `PUT /api/therapists/{id}/kontaktsperre` (contract, 'Contact rules').

use super::erreichbarkeit::therapist;
use super::values::{Datum, Field, Timestamp};
use crate::extract::ObjectOrNull;
use crate::openapi::{self, NotFound, Storage, Unreadable};
use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use comm_app::Therapeutenkontakte;
use comm_app::outreach::{GezeigteSperre, SperreRequest};
use comm_domain::FieldError;
use comm_domain::outreach::Kontaktsperre;
use comm_ports::outreach::Sperre;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// That a therapist is not to be contacted.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewKontaktsperre)]
pub(crate) struct SperreBody {
    /// The last blocked day, not in the past; empty: until somebody lifts it. Where it is left out or `null`, a block that
    /// holds keeps its end, and a new one has none.
    #[schema(value_type = Option<String>, format = "date-or-empty")]
    #[serde(default)]
    bis: Field<Datum>,
    /// Why.
    #[schema(value_type = String, format = "reason")]
    begruendung: Option<String>,
    /// As it is answered: `false` lifts the block.
    #[schema(ignore)]
    gesperrt: Option<bool>,
}

impl SperreBody {
    /// `None`: no block is wanted.
    fn request(self) -> Result<Option<SperreRequest>, FieldError> {
        if self.gesperrt == Some(false) {
            return Ok(None);
        }
        Ok(Some(SperreRequest {
            bis: self.bis.convert(|day| Ok(day.0))?,
            begruendung: self.begruendung,
        }))
    }
}

/// Whether a therapist is blocked by hand.
#[derive(Serialize, ToSchema)]
#[schema(as = Kontaktsperre)]
pub(crate) struct SperreAnswer {
    /// The therapist.
    #[schema(minimum = 1)]
    therapist_id: i64,
    /// Whether there is a block.
    gesperrt: bool,
    /// Its last day; `null` also where it lasts until somebody lifts it.
    #[schema(value_type = Option<NaiveDate>)]
    bis: Option<Datum>,
    /// Why, in the words of the staff.
    begruendung: Option<String>,
    /// Since when.
    #[schema(value_type = Option<DateTime<Utc>>)]
    gesperrt_seit: Option<Timestamp>,
    /// The first day after the block, as far as that is known; other rules may still hold then.
    #[schema(value_type = Option<NaiveDate>)]
    naechster_kontakt_moeglich: Option<Datum>,
}

impl From<GezeigteSperre> for SperreAnswer {
    fn from(shown: GezeigteSperre) -> Self {
        let sperre = shown.sperre;
        let dauer = sperre.as_ref().map(|sperre| sperre.dauer);
        let end = dauer.and_then(|dauer| dauer.hindernis().naechster_kontakt_moeglich);
        Self {
            therapist_id: shown.therapist_id,
            gesperrt: sperre.is_some(),
            bis: sperre.as_ref().and_then(bis),
            gesperrt_seit: sperre.as_ref().map(|sperre| Timestamp(sperre.seit)),
            begruendung: sperre.map(|sperre| sperre.begruendung),
            naechster_kontakt_moeglich: end.and_then(Datum::if_told),
        }
    }
}

/// The last blocked day.
pub(super) fn bis(sperre: &Sperre) -> Option<Datum> {
    match sperre.dauer {
        Kontaktsperre::Bis(last) => Some(Datum(last)),
        Kontaktsperre::Unbefristet => None,
    }
}

/// Blocks a therapist by hand
///
/// No contact rule allows a mail or a call then. Blocking again gives the block another end and other words; a body of
/// `null` lifts it. The directory is not asked.
#[utoipa::path(
    put,
    operation_id = "set_kontaktsperre",
    path = "/api/therapists/{id}/kontaktsperre",
    tag = "therapists",
    params(("id" = i64, Path, description = "The therapist's id.", minimum = 1)),
    request_body(
        content = openapi::KontaktsperreOrNull,
        example = json!({"bis": "2099-12-31", "begruendung": "Die Praxis zieht um."}),
    ),
    responses(
        (status = 200, description = "The block as it holds now.", body = SperreAnswer),
        Unreadable,
        NotFound,
        Storage,
    )
)]
pub(crate) async fn set(
    kontakte: web::Data<Therapeutenkontakte>,
    path: web::Path<String>,
    body: ObjectOrNull<SperreBody>,
) -> Result<HttpResponse, Problem> {
    let sperre = body.0.map(SperreBody::request).transpose()?.flatten();
    let shown = kontakte.set_sperre(therapist(&path)?, sperre).await?;
    Ok(HttpResponse::Ok().json(SperreAnswer::from(shown)))
}
