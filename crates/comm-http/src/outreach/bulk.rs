//! `POST /api/emails/bulk` (contract, 'Email').

use super::email_answer::EmailAnswer;
use super::email_body::CreateBody;
use crate::extract::{BULK_LIMIT, Posted, parse};
use crate::idempotency;
use crate::openapi::{Conflict, Storage, Unreadable};
use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use comm_app::Emails;
use comm_app::outreach::{BULK_MAX, CreateEmail, ShownEmail};
use comm_ports::KeptAnswer;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fmt;
use utoipa::ToSchema;

/// Several emails, all or none.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewEmails)]
pub(crate) struct BulkBody {
    /// The emails, in this order.
    #[schema(value_type = Vec<CreateBody>, max_items = 1000)]
    emails: Option<Entries>,
}

/// Not looked into before it is known that there are not too many.
struct Entries(Vec<Box<RawValue>>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(AtMost)
    }
}

struct AtMost;

impl<'de> Visitor<'de> for AtMost {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {BULK_MAX} emails")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element()? {
            if entries.len() == BULK_MAX {
                let words = format!("expected a list of at most {BULK_MAX} emails");
                return Err(A::Error::custom(words));
            }
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

impl BulkBody {
    /// The emails, each looked into when its turn comes: all together could take gigabytes.
    fn parse(self) -> Result<impl Iterator<Item = Result<CreateEmail, Problem>>, Problem> {
        let Entries(entries) = self
            .emails
            .ok_or_else(|| Problem::invalid("emails is required"))?;
        let entries = entries.into_iter().enumerate();
        Ok(entries.map(|(index, entry)| read(&entry).map_err(|problem| problem.at(index))))
    }
}

fn read(entry: &RawValue) -> Result<CreateEmail, Problem> {
    let json = entry.get();
    if !json.starts_with('{') {
        return Err(Problem::invalid("emails must be a list of JSON objects"));
    }
    parse::<CreateBody>(json.as_bytes())?.parse()
}

/// The emails that were stored.
#[derive(Serialize, ToSchema)]
#[schema(as = Emails)]
struct BulkAnswer {
    /// In the order of the request.
    data: Vec<EmailAnswer>,
}

/// Stores up to 1,000 emails
///
/// All or none; a problem's `index` says which one is wrong.
#[utoipa::path(
    post,
    operation_id = "create_emails",
    path = "/api/emails/bulk",
    tag = "emails",
    params(("Idempotency-Key" = Option<String>, Header, format = "idempotency-key")),
    request_body(content = BulkBody, example = json!({"emails": [{
        "patient_id": 8,
        "betreff": "Ihr Therapieplatz",
        "inhalt_text": "Guten Tag",
        "empfaenger_email": "person@example.org",
        "empfaenger_name": "Max Muster",
    }]})),
    responses((status = 201, description = "The emails.", body = BulkAnswer), Unreadable, Conflict, Storage)
)]
pub(crate) async fn create(
    emails: web::Data<Emails>,
    posted: Posted<BulkBody, BULK_LIMIT>,
) -> Result<HttpResponse, Problem> {
    let requests = posted.body.and_then(BulkBody::parse);
    let answer = emails.create_all(requests, created, posted.key).await?;
    idempotency::respond(answer)
}

fn created(emails: Vec<ShownEmail>) -> KeptAnswer {
    let data = emails.into_iter().map(EmailAnswer::from).collect();
    idempotency::created(None, &BulkAnswer { data })
}
