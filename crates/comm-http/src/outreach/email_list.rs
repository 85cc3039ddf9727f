//! `GET /api/emails` (contract, 'Shared rules' and 'Email').

use super::fields::{Fields, Row};
use super::list_answer::{ListAnswer, ListEnd};
use crate::openapi::{self, Invalid, Storage};
use crate::problem::Problem;
use crate::query::{Moment, PageParameters, Query};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use comm_app::outreach::ShownEmail;
use comm_app::{Emails, OutreachError};
use comm_domain::outreach::{EmailStatus, Fehlerart, RecipientType};
use comm_ports::outreach::{EmailFilter, EmailQuery, Suchworte};
use comm_ports::page::{Page, PageRequest};
use futures_util::Stream;
use futures_util::stream::try_unfold;
use std::io;
use utoipa::IntoParams;

/// Rows that are in memory at a time: with bodies of 512 KiB, a page of a thousand would be a gigabyte.
const SLICE: i64 = 25;
/// The smallest step of a timestamp.
const STEP: TimeDelta = TimeDelta::microseconds(1);

type Answer = Result<HttpResponse, Problem>;

/// Which emails a list shows, and how.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`filter` reads them; here they are described")]
pub(crate) struct EmailParameters {
    /// Only those to this therapist; 0 counts as left out.
    #[param(minimum = 0)]
    therapist_id: Option<i64>,
    /// Only those to this patient; 0 counts as left out.
    #[param(minimum = 0)]
    patient_id: Option<i64>,
    /// Only those to therapists, or to patients.
    recipient_type: Option<openapi::RecipientType>,
    /// Only those in this state.
    status: Option<openapi::EmailStatus>,
    /// Only those whose last attempt failed like this; `ausgang_unklar`: those whose outcome nobody knows.
    fehlerart: Option<openapi::Fehlerart>,
    /// Only those that were answered, or were not.
    antwort_erhalten: Option<bool>,
    /// Only those of this bundle; 0 counts as left out.
    #[param(minimum = 0)]
    therapeutenanfrage_id: Option<i64>,
    /// Only those created then or later: a moment, or a day in the time zone of the service.
    #[param(value_type = Option<String>, format = "moment")]
    created_from: Option<Moment>,
    /// Only those created then or before; a day counts whole.
    #[param(value_type = Option<String>, format = "moment")]
    created_to: Option<Moment>,
    /// Only those with all of these words in the subject, or in the name or address of the recipient.
    #[param(format = "words")]
    q: Option<String>,
    /// `exact` counts beyond 10,000, which takes its time.
    #[param(value_type = Option<openapi::Total>)]
    total: Option<String>,
    /// Which fields the rows have, separated by commas; all of them by default.
    #[param(value_type = Option<Vec<openapi::EmailField>>, style = Form, explode = false)]
    fields: Option<Fields>,
}

/// Lists emails
///
/// Newest first.
#[utoipa::path(
    get,
    operation_id = "list_emails",
    path = "/api/emails",
    tag = "emails",
    params(EmailParameters, PageParameters),
    responses((status = 200, description = "A page of emails.", body = openapi::EmailPage), Invalid, Storage)
)]
// The first rows decide about the status; what follows them is read while the client reads.
pub(crate) async fn list(
    emails: web::Data<Emails>,
    parameters: web::Query<Vec<(String, String)>>,
) -> Answer {
    let parameters = Query::new(parameters.into_inner());
    let fields = Fields::parse(parameters.text("fields"))?;
    let page = parameters.page()?;
    let query = EmailQuery {
        filter: filter(&parameters, &emails)?,
        page: page.first_rows(SLICE),
        counting: parameters.counting()?,
        bodies: fields.bodies(),
    };
    let first = emails.list(&query).await?;
    if first.next.is_none() || page.limit() <= SLICE {
        let first = rows(first, &fields);
        return Ok(HttpResponse::Ok().json(ListAnswer::<Row>::new(first, &page)));
    }
    let listing = Listing {
        answered: 0,
        end: ListEnd::new(&first, &page),
        emails,
        query,
        fields,
    };
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .streaming(listing.stream(first)))
}

fn filter(query: &Query, emails: &Emails) -> Result<EmailFilter, Problem> {
    Ok(EmailFilter {
        therapist_id: query.id("therapist_id")?,
        patient_id: query.id("patient_id")?,
        recipient_type: query.choice("recipient_type", RecipientType::parse)?,
        status: query.choice("status", EmailStatus::parse)?,
        fehlerart: query.choice("fehlerart", Fehlerart::parse)?,
        antwort_erhalten: query.truth("antwort_erhalten")?,
        therapeutenanfrage_id: query.id("therapeutenanfrage_id")?,
        created_from: query
            .moment("created_from")?
            .map(|from| begin(&from, emails)),
        created_before: query.moment("created_to")?.and_then(|to| end(&to, emails)),
        suchworte: query.choice("q", |words| Suchworte::parse("q", words))?,
    })
}

fn begin(from: &Moment, emails: &Emails) -> DateTime<Utc> {
    match from {
        Moment::Instant(at) => *at,
        Moment::Day(day) => emails.day(*day).start,
    }
}

/// `created_to` belongs to what it limits, a whole day as much as an instant.
fn end(to: &Moment, emails: &Emails) -> Option<DateTime<Utc>> {
    match to {
        Moment::Instant(at) => at.checked_add_signed(STEP),
        Moment::Day(day) => Some(emails.day(*day).end),
    }
}

fn rows(page: Page<ShownEmail>, fields: &Fields) -> Page<Row> {
    Page {
        rows: page.rows.into_iter().map(|row| fields.row(row)).collect(),
        total: page.total,
        next: page.next,
    }
}

/// A page that is read and answered slice by slice. No connection to the database is held in between, however
/// slowly the client reads.
struct Listing {
    emails: web::Data<Emails>,
    query: EmailQuery,
    fields: Fields,
    /// Rows that have been answered.
    answered: i64,
    end: ListEnd,
}

/// What is to be answered next.
enum Part {
    First(Page<ShownEmail>),
    Next(PageRequest),
    Nothing,
}

impl Listing {
    /// An error in the middle can no longer be a problem: the answer breaks off, which no client takes for JSON.
    fn stream(self, first: Page<ShownEmail>) -> impl Stream<Item = io::Result<Bytes>> {
        try_unfold(
            (self, Part::First(first)),
            |(mut listing, part)| async move {
                let (begun, slice) = match part {
                    Part::Nothing => return Ok(None),
                    Part::First(slice) => (b"{\"data\":[".to_vec(), slice),
                    Part::Next(page) => {
                        listing.query.page = page;
                        let slice = listing.emails.list(&listing.query).await;
                        (Vec::new(), slice.map_err(broken_off)?)
                    }
                };
                let (bytes, next) = listing.answer(begun, slice)?;
                Ok(Some((bytes, (listing, next))))
            },
        )
    }

    fn answer(&mut self, mut bytes: Vec<u8>, slice: Page<ShownEmail>) -> io::Result<(Bytes, Part)> {
        let slice = rows(slice, &self.fields);
        for row in &slice.rows {
            if self.answered > 0 {
                bytes.push(b',');
            }
            serde_json::to_writer(&mut bytes, row)?;
            self.answered += 1;
        }
        let left = self.end.limit - self.answered;
        let next = match slice.next {
            Some(cursor) if left > 0 => Part::Next(PageRequest::after(cursor, left.min(SLICE))),
            last => {
                self.end.next_cursor = last.map(|cursor| cursor.to_string());
                // The end is an object of its own, whose brace is already open.
                let end = serde_json::to_vec(&self.end)?;
                bytes.extend_from_slice(b"],");
                bytes.extend_from_slice(end.strip_prefix(b"{").unwrap_or(&end));
                Part::Nothing
            }
        };
        Ok((bytes.into(), next))
    }
}

fn broken_off(error: OutreachError) -> io::Error {
    // The problem is made for its log line alone.
    let problem = Problem::from(error);
    io::Error::other(problem.to_string())
}
