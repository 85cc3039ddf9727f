//! Attachments: their list in `emails.anhaenge`, their contents in `anhang_inhalte`.

use crate::schema::anhang_inhalte::dsl;
use crate::sql::Sql;
use comm_domain::outreach::{Anhaenge, Anhang, AnhangError, Email, Inhaltsbytes, Quelle};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::serialize::{IsNull, Output, Result as Written, ToSql};
use diesel::sql_types::{Array, BigInt, Binary, Integer};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::io::Write;
use std::sync::Arc;

/// Stores contents of the emails that `saved` has written; bound by [`bind_contents`].
macro_rules! contents_stored {
    () => {
        ", stored AS ( \
           INSERT INTO communication_service.anhang_inhalte (email_id, nr, inhalt) \
           SELECT given.* FROM unnest(?::bigint[], ?::integer[], ?::bytea[]) AS given (email_id, nr, inhalt) \
           JOIN saved ON saved.id = given.email_id)"
    };
}

/// The same, and removes those contents that are not listed any more; bound by [`bind_revision`].
macro_rules! contents_revised {
    () => {
        concat!(
            ", dropped AS ( \
               DELETE FROM communication_service.anhang_inhalte USING saved \
               WHERE email_id = saved.id AND nr <> ALL(?::integer[]))",
            $crate::outreach::anhang::contents_stored!()
        )
    };
}

pub(crate) use {contents_revised, contents_stored};

pub(crate) fn bind_contents<'a>(
    statement: Sql,
    emails: impl IntoIterator<Item = &'a Email>,
) -> Sql {
    let (mut ids, mut numbers, mut contents) = (Vec::new(), Vec::new(), Vec::new());
    for email in emails {
        for (number, content) in email.anhaenge.unsaved().unwrap_or_default() {
            ids.push(email.id.0);
            numbers.push(*number);
            contents.push(Content(Arc::clone(content)));
        }
    }
    statement
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<Integer>, _>(numbers)
        .bind::<Array<Binary>, _>(contents)
}

pub(crate) fn bind_revision(statement: Sql, email: &Email) -> Sql {
    let kept: Vec<i32> = email.anhaenge.iter().filter_map(number).collect();
    bind_contents(statement.bind::<Array<Integer>, _>(kept), [email])
}

/// The content with this number.
pub(crate) async fn content(
    email_id: i64,
    number: i32,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Option<Vec<u8>>> {
    dsl::anhang_inhalte
        .find((email_id, number))
        .select(dsl::inhalt)
        .first(conn)
        .await
        .optional()
}

/// A content that is bound without being copied first.
struct Content(Inhaltsbytes);

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Content(..)")
    }
}

impl ToSql<Binary, Pg> for Content {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> Written {
        out.write_all(&self.0)?;
        Ok(IsNull::No)
    }
}

/// One entry of `emails.anhaenge`.
#[derive(Serialize, Deserialize)]
struct Entry {
    filename: String,
    content_type: String,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nr: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pfad: Option<String>,
}

/// The list as it is stored; `None` where there are no attachments.
pub(super) fn to_json(anhaenge: &Anhaenge) -> Option<Value> {
    if anhaenge.is_empty() {
        return None;
    }
    let entries = anhaenge.iter().map(|anhang| Entry {
        filename: anhang.filename().to_owned(),
        content_type: anhang.content_type().to_owned(),
        size: anhang.size,
        nr: number(anhang),
        pfad: match &anhang.quelle {
            Quelle::Pfad(path) => Some(path.clone()),
            Quelle::Gespeichert(_) => None,
        },
    });
    serde_json::to_value(entries.collect::<Vec<_>>()).ok()
}

/// Reads the list back.
pub(super) fn parse(stored: Option<Value>) -> Result<Anhaenge, AnhangError> {
    let Some(stored) = stored else {
        return Ok(Anhaenge::default());
    };
    let unreadable = |error: serde_json::Error| AnhangError::invalid(0, "", error.to_string());
    let entries: Vec<Entry> = serde_json::from_value(stored).map_err(unreadable)?;
    let list = entries.into_iter().enumerate().map(|(index, entry)| {
        let quelle = match (entry.nr, entry.pfad) {
            (Some(number), None) => Quelle::Gespeichert(number),
            (None, Some(path)) => Quelle::Pfad(path),
            _ => return Err(AnhangError::invalid(index, "", "has no content")),
        };
        Anhang::parse(
            index,
            &entry.filename,
            &entry.content_type,
            entry.size,
            quelle,
        )
    });
    list.collect::<Result<_, _>>().map(Anhaenge::restore)
}

fn number(anhang: &Anhang) -> Option<i32> {
    match anhang.quelle {
        Quelle::Gespeichert(number) => Some(number),
        Quelle::Pfad(_) => None,
    }
}
