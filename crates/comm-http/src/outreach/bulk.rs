//! `POST /api/emails/bulk` (contract, 'Email').

use super::email_answer::EmailAnswer;
use super::email_body::CreateBody;
use crate::extract::{BULK_LIMIT, Posted, parse};
use crate::idempotency;
use crate::problem::Problem;
use actix_web::{HttpResponse, web};
use comm_app::Emails;
use comm_app::outreach::{BULK_MAX, CreateEmail, ShownEmail};
use comm_ports::KeptAnswer;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fmt;

#[derive(Deserialize)]
pub(crate) struct BulkBody {
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
    fn parse(self) -> Result<Vec<CreateEmail>, Problem> {
        let Entries(entries) = self
            .emails
            .ok_or_else(|| Problem::invalid("emails is required"))?;
        let entries = entries.iter().enumerate();
        entries
            .map(|(index, entry)| read(entry).map_err(|problem| problem.at(index)))
            .collect()
    }
}

fn read(entry: &RawValue) -> Result<CreateEmail, Problem> {
    let json = entry.get();
    if !json.starts_with('{') {
        return Err(Problem::invalid("emails must be a list of JSON objects"));
    }
    parse::<CreateBody>(json.as_bytes())?.parse()
}

#[derive(Serialize)]
struct BulkAnswer {
    data: Vec<EmailAnswer>,
}

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
