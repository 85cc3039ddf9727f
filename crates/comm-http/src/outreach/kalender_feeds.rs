//! `/api/kalender-feeds` (contract, 'Telefonanruf').

use super::list_answer::ListAnswer;
use super::values::Timestamp;
use crate::extract::PostedIfAny;
use crate::idempotency;
use crate::openapi::{self, Conflict, Invalid, NotFound, Storage, Unreadable};
use crate::problem::Problem;
use crate::query::{PageParameters, Query};
use actix_web::{HttpResponse, web};
use comm_app::outreach::GemachterFeed;
use comm_app::{Anrufkalender, OutreachError};
use comm_ports::KeptAnswer;
use comm_ports::outreach::Kalenderfeed;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

type Answer = Result<HttpResponse, Problem>;

/// What a feed is to show.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = NewKalenderfeed)]
pub(crate) struct FeedBody {
    /// Only calls of this member of staff; without one, everybody's.
    #[schema(format = "line-or-blank")]
    bearbeiter: Option<String>,
}

/// A feed.
#[derive(Serialize, ToSchema)]
#[schema(as = Kalenderfeed)]
pub(crate) struct FeedAnswer {
    /// Its id.
    #[schema(minimum = 1)]
    id: i64,
    /// Whose calls it shows; `null` for everybody's.
    bearbeiter: Option<String>,
    /// When it was made.
    #[schema(value_type = DateTime<Utc>)]
    created_at: Timestamp,
}

/// A feed that was just made, with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeKalenderfeed)]
struct MadeAnswer {
    #[serde(flatten)]
    feed: FeedAnswer,
    /// The secret, shown this once; `null` when the request was repeated with the same `Idempotency-Key`.
    token: Option<String>,
    /// Where a calendar program reads the feed, below the address of this service; `null` as `token`.
    pfad: Option<String>,
}

/// What a revocation is answered.
#[derive(Serialize, ToSchema)]
struct Revoked {
    /// That it is done, in a sentence.
    message: &'static str,
}

/// Makes a calendar feed
///
/// The answer shows the secret of the feed, which is stored nowhere. Under an `Idempotency-Key`, a repetition makes no
/// second feed, and gets the same answer without the secret: whoever has lost it revokes the feed and makes another.
#[utoipa::path(
    post,
    operation_id = "create_kalender_feed",
    path = "/api/kalender-feeds",
    tag = "kalender-feeds",
    params(("Idempotency-Key" = Option<String>, Header, format = "idempotency-key")),
    request_body(content = Option<FeedBody>, example = json!({"bearbeiter": "Jana Muster"})),
    responses((status = 201, description = "The feed.", body = MadeAnswer), Unreadable, Conflict, Storage)
)]
pub(crate) async fn create(
    kalender: web::Data<Anrufkalender>,
    posted: PostedIfAny<FeedBody>,
) -> Answer {
    let given = |name: &String| !name.trim().is_empty();
    let bearbeiter = posted.body.map(|body| body.bearbeiter.filter(given));
    let answer = kalender.create(bearbeiter, made, posted.key).await?;
    idempotency::respond(answer)
}

fn made(made: GemachterFeed) -> KeptAnswer {
    let token = made.token.map(|token| token.secret().to_owned());
    let pfad = |token: &String| format!("/api/phone-calls/kalender.ics?token={token}");
    let answer = MadeAnswer {
        feed: made.feed.into(),
        pfad: token.as_ref().map(pfad),
        token,
    };
    idempotency::created(None, &answer)
}

/// Lists the calendar feeds
///
/// Newest first, without their secrets.
#[utoipa::path(
    get,
    operation_id = "list_kalender_feeds",
    path = "/api/kalender-feeds",
    tag = "kalender-feeds",
    params(PageParameters, ("total" = Option<openapi::Total>, Query, description = "`exact` counts beyond 10,000.")),
    responses((status = 200, description = "A page of feeds.", body = openapi::KalenderfeedPage), Invalid, Storage)
)]
pub(crate) async fn list(
    kalender: web::Data<Anrufkalender>,
    parameters: web::Query<Vec<(String, String)>>,
) -> Answer {
    let query = Query::new(parameters.into_inner());
    let request = query.page()?;
    let page = kalender.list(&request, query.counting()?).await?;
    Ok(HttpResponse::Ok().json(ListAnswer::<FeedAnswer>::new(page, &request)))
}

/// Revokes a calendar feed
///
/// Programs that have subscribed to it read a 404 from then on.
#[utoipa::path(
    delete,
    operation_id = "delete_kalender_feed",
    path = "/api/kalender-feeds/{id}",
    tag = "kalender-feeds",
    params(("id" = i64, Path, description = "Its id.", minimum = 1)),
    responses((status = 200, description = "It is revoked.", body = Revoked), NotFound, Storage)
)]
pub(crate) async fn revoke(kalender: web::Data<Anrufkalender>, path: web::Path<String>) -> Answer {
    let id = path.parse().map_err(|_| OutreachError::KalenderNotFound)?;
    kalender.revoke(id).await?;
    let message = "Calendar feed revoked successfully";
    Ok(HttpResponse::Ok().json(Revoked { message }))
}

impl From<Kalenderfeed> for FeedAnswer {
    fn from(feed: Kalenderfeed) -> Self {
        Self {
            id: feed.id,
            bearbeiter: feed.bearbeiter,
            created_at: Timestamp(feed.created_at),
        }
    }
}
