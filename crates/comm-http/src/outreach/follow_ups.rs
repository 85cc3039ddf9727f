//! `POST /api/follow-ups/run` (contract, 'Follow-up automation').

use super::values::{Datum, Timestamp, Zeit};
use crate::extract::PostedIfAny;
use crate::idempotency;
use crate::openapi::{self, Conflict, Storage, Unreadable};
use crate::problem::Problem;
use crate::query::Query;
use actix_web::{HttpResponse, web};
use comm_app::outreach::nachverfolgung::{Berichtszeile, Lauf, Nachverfolgungsbericht};
use comm_app::{Nachverfolgungen, Once};
use comm_domain::outreach::nachverfolgung::Ergebnis;
use comm_ports::KeptAnswer;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which kind of run.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`run` reads it; here it is described")]
pub(crate) struct RunParameters {
    /// `true`: nothing is booked, the answer says what would be.
    dry_run: Option<bool>,
}

/// Which kind of run; the parameter of the same name says it, too.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = FollowUpRun)]
pub(crate) struct RunBody {
    /// `true`: nothing is booked, the answer says what would be.
    dry_run: Option<bool>,
}

/// What a run has done, or would do.
#[derive(Serialize, ToSchema)]
#[schema(as = Nachverfolgungsbericht)]
struct ReportAnswer {
    /// Whether nothing was booked.
    dry_run: bool,
    /// The day of the run.
    #[schema(value_type = NaiveDate)]
    am: Datum,
    /// How many emails came to what.
    zusammenfassung: Summary,
    /// Every email that was looked at, in the order in which it was.
    data: Vec<RowAnswer>,
}

/// How many emails came to what.
#[derive(Serialize, ToSchema)]
#[schema(as = Nachverfolgungszahlen)]
struct Summary {
    /// All of them.
    #[schema(minimum = 0)]
    emails: usize,
    /// A call was planned: so many calls.
    #[schema(minimum = 0)]
    geplant: usize,
    /// They joined a call that was planned already, or a moment before.
    #[schema(minimum = 0)]
    angeschlossen: usize,
    /// There is no call.
    #[schema(minimum = 0)]
    gelassen: usize,
    /// Not now; the next run looks at them again.
    #[schema(minimum = 0)]
    offen: usize,
}

/// What came of one email.
#[derive(Serialize, ToSchema)]
#[schema(as = Nachverfolgungszeile)]
struct RowAnswer {
    /// The email.
    #[schema(minimum = 1)]
    email_id: i64,
    /// The therapist.
    #[schema(minimum = 1)]
    therapist_id: i64,
    /// When it was sent.
    #[schema(value_type = DateTime<Utc>)]
    gesendet_am: Timestamp,
    /// What came of it.
    #[schema(value_type = openapi::Nachverfolgungsergebnis)]
    entscheidung: &'static str,
    /// Why there is no call.
    #[schema(value_type = Option<openapi::Grund>)]
    grund: Option<&'static str>,
    /// The first day on which a contact rule allows a call, where one does not now.
    #[schema(value_type = Option<NaiveDate>)]
    naechster_kontakt_moeglich: Option<Datum>,
    /// The call; `null` also for one that a dry run would have planned.
    #[schema(minimum = 1)]
    telefonanruf_id: Option<i64>,
    /// The day of the call.
    #[schema(value_type = Option<NaiveDate>)]
    geplantes_datum: Option<Datum>,
    /// The time of day of the call.
    #[schema(value_type = Option<String>, format = "hours-and-minutes")]
    geplante_zeit: Option<Zeit>,
}

/// Follows up silence now
///
/// Every email to a therapist that was sent a week ago, and is unanswered, gets one call, of which several emails may
/// share one. It is what runs once a day by itself; to repeat it does no harm.
#[utoipa::path(
    post,
    operation_id = "run_follow_ups",
    path = "/api/follow-ups/run",
    tag = "follow-ups",
    params(RunParameters, ("Idempotency-Key" = Option<String>, Header, format = "idempotency-key")),
    request_body(content = Option<RunBody>, example = json!({"dry_run": true})),
    responses(
        (status = 200, description = "What was done, or would be.", body = ReportAnswer),
        Unreadable,
        Conflict,
        Storage,
    )
)]
pub(crate) async fn run(
    runs: web::Data<Nachverfolgungen>,
    parameters: web::Query<Vec<(String, String)>>,
    posted: PostedIfAny<RunBody>,
) -> Result<HttpResponse, Problem> {
    let asked = Query::new(parameters.into_inner()).truth("dry_run")?;
    let body = posted.body?;
    let dry = asked.unwrap_or(false) || body.dry_run.unwrap_or(false);
    let answer = match (dry, posted.key) {
        // It stores nothing, so there is nothing to be repeated.
        (true, _) => answer(runs.run_now(Lauf::Probe).await?),
        (false, None) => answer(runs.run_now(Lauf::Echt).await?),
        (false, Some(key)) => runs.run_once(Once { key, answer }).await?,
    };
    idempotency::respond(answer)
}

fn answer(bericht: Nachverfolgungsbericht) -> KeptAnswer {
    idempotency::done(&ReportAnswer::from(bericht))
}

impl From<Nachverfolgungsbericht> for ReportAnswer {
    fn from(bericht: Nachverfolgungsbericht) -> Self {
        Self {
            dry_run: bericht.lauf == Lauf::Probe,
            am: Datum(bericht.am),
            zusammenfassung: Summary {
                emails: bericht.zeilen.len(),
                geplant: bericht.anzahl(Ergebnis::Geplant),
                angeschlossen: bericht.anzahl(Ergebnis::Angeschlossen),
                gelassen: bericht.anzahl(Ergebnis::Gelassen),
                offen: bericht.anzahl(Ergebnis::Offen),
            },
            data: bericht.zeilen.iter().map(RowAnswer::from).collect(),
        }
    }
}

impl From<&Berichtszeile> for RowAnswer {
    fn from(zeile: &Berichtszeile) -> Self {
        Self {
            email_id: zeile.email_id.0,
            therapist_id: zeile.therapist_id,
            gesendet_am: Timestamp(zeile.gesendet_am),
            entscheidung: zeile.ergebnis.as_str(),
            grund: zeile.grund.map(|grund| grund.as_str()),
            naechster_kontakt_moeglich: zeile.ab.map(Datum),
            telefonanruf_id: zeile.telefonanruf_id.map(|id| id.0),
            geplantes_datum: zeile.termin.map(|termin| Datum(termin.datum())),
            geplante_zeit: zeile.termin.map(|termin| Zeit(termin.zeit())),
        }
    }
}
