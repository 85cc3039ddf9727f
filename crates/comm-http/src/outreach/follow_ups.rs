//! `POST /api/follow-ups/run` (contract, 'Follow-up automation').

use super::follow_up_report::{self as report, ReportAnswer};
use crate::extract::PostedIfAny;
use crate::idempotency;
use crate::openapi::{Conflict, Storage, Unreadable};
use crate::problem::Problem;
use crate::query::Query;
use actix_web::{HttpResponse, web};
use comm_app::outreach::nachverfolgung::Lauf;
use comm_app::{Nachverfolgungen, Once};
use serde::Deserialize;
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
    let lauf = match (dry, posted.key) {
        (false, Some(key)) => {
            let answer = report::keep;
            return idempotency::respond(runs.run_once(Once { key, answer }).await?);
        }
        (false, None) => Lauf::Echt,
        // It stores nothing, so there is nothing to be repeated.
        (true, _) => Lauf::Probe,
    };
    Ok(report::respond(runs.run_now(lauf).await?))
}
