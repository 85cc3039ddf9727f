//! What an operation answers when it cannot do what it is asked. The sentences are in `problem`.

use crate::openapi;
use crate::outreach::termin::FreierTermin;
use crate::problem::CONTENT_TYPE;
use std::collections::BTreeMap;
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type,
};
use utoipa::{IntoResponses, ToSchema};

/// An error answer (RFC 9457).
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(
    dead_code,
    reason = "`problem` writes it; here its members are described"
)]
pub(crate) struct ProblemAnswer {
    /// Always `about:blank`: the status says what kind of problem it is.
    r#type: String,
    /// The status in words.
    title: String,
    /// The status.
    #[schema(minimum = 400, maximum = 599)]
    status: i32,
    /// The same sentence as `message`.
    detail: String,
    /// One sentence that names the field.
    message: String,
    /// Of a bulk request: which email is meant, from 0.
    #[schema(minimum = 0)]
    index: Option<i64>,
    /// Why not, in a form that rules can use.
    #[schema(value_type = Option<openapi::Grund>)]
    grund: Option<String>,
    /// The first day on which a contact rule allows it, where one does not now.
    naechster_kontakt_moeglich: Option<chrono::NaiveDate>,
    /// The next free slot, where another call is in the way; `null` if there is none.
    naechster_freier_termin: Option<FreierTermin>,
    /// Every mistake by itself, where there may be several.
    #[schema(nullable = false)]
    errors: Option<Vec<String>>,
    /// Of a server error: under this id the log has more.
    trace_id: Option<String>,
}

/// Declares a group of problems that operations share.
macro_rules! problems {
    ($(#[$doc:meta])* $name:ident { $($status:literal: $description:literal,)+ }) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([$(($status.to_owned(), problem($status, $description).into()),)+])
            }
        }
    };
}

problems! {
    /// A field or parameter breaks a rule.
    Invalid {
        "400": "A value breaks a rule; `message` names it.",
    }
}

problems! {
    /// A body cannot be read.
    Unreadable {
        "400": "The body is not JSON, or a value breaks a rule; `message` names the field.",
        "413": "The body or a text in it is too large.",
        "415": "The `Content-Type` is not `application/json`.",
    }
}

problems! {
    /// The path leads nowhere.
    NotFound {
        "404": "There is nothing under this path.",
    }
}

problems! {
    /// The present state does not allow it.
    Conflict {
        "409": "The present state does not allow it, or the `Idempotency-Key` belongs to another request. With \
                `Retry-After`: the first request with this key is still running.",
    }
}

problems! {
    /// What may happen to whatever needs the database.
    Storage {
        "500": "A mistake of the service; the log has more under `trace_id`.",
        "503": "The database is not available at the moment.",
    }
}

problems! {
    /// What may happen to whatever needs the database and the Therapist Service.
    Directory {
        "500": "A mistake of the service; the log has more under `trace_id`.",
        "503": "The database is not available at the moment, or the Therapist Service (`grund`).",
    }
}

problems! {
    /// What may happen to a mail that is sent at once.
    Sending {
        "500": "A mistake of the service; the log has more under `trace_id`.",
        "502": "The mail was not delivered; `message` says why.",
        "503": "The service is stopping.",
        "504": "Nobody knows whether the mail was delivered. It is not sent again.",
    }
}

fn problem(status: &str, description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
    let mut response = ResponseBuilder::new()
        .description(description)
        .content(CONTENT_TYPE, content.build());
    if matches!(status, "409" | "503") {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer);
        let header = HeaderBuilder::new()
            .schema(Some(seconds))
            .description(Some("Seconds after which it may be tried again."));
        response = response.header("Retry-After", header.build());
    }
    response.build()
}
