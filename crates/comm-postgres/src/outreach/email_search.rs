//! Looking for words. `email_suchworte` has the emails of each word newest first, as the indexes of `emails` have those
//! of each filter, and beside each email all of its words. So one list is walked, whatever the number of words, and no
//! list is gathered and sorted, however often its word occurs. Which one, and what is asked of whom, is in `search_way`.

use super::counting::Counted;
use super::email_list::{Query as Emails, filtered, page_of};
use super::email_total::{most, oldest};
use super::search_merge::{Met, merging};
use super::search_way::{End, Way, restricts};
use crate::schema::{email_suchworte, emails};
use chrono::{DateTime, Utc};
use comm_ports::outreach::{EmailFilter, EmailQuery, Suchworte};
use comm_ports::page::{Cursor, Position};
use diesel::dsl::{AsExprOf, sql};
use diesel::expression::{SqlLiteral, UncheckedBind};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

pub(super) type Words = email_suchworte::BoxedQuery<'static, Pg>;
type Behind = SqlLiteral<
    Bool,
    UncheckedBind<
        SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, AsExprOf<DateTime<Utc>, Timestamptz>>>,
        AsExprOf<i64, BigInt>,
    >,
>;
type Has = SqlLiteral<
    Bool,
    UncheckedBind<
        SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, AsExprOf<String, Text>>>,
        AsExprOf<String, Text>,
    >,
>;

/// The ids of the emails of one page and of one more that have all the words and pass the other filters, newest first.
pub(super) async fn ids(
    query: &EmailQuery,
    words: &Suchworte,
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<i64>> {
    let (filter, page) = (&query.filter, &query.page);
    let (words, way) = Way::find(filter, words, End::Newest, conn).await?;
    let Some((first, others)) = words.split_first() else {
        return Ok(Vec::new());
    };
    match way {
        Way::Filter => {
            let found = page_of(among_filtered(filter, first, others), page);
            found.select(emails::id).load(conn).await
        }
        Way::Word { .. } => {
            let found = behind(among_words(filter, first, others), &page.position)
                .order((
                    email_suchworte::created_at.desc(),
                    email_suchworte::email_id.desc(),
                ))
                .limit(page.rows() + 1)
                .offset(page.offset());
            found.select(email_suchworte::email_id).load(conn).await
        }
        Way::Merge => {
            let listed = behind(list(filter, first, others), &page.position);
            let met = Met::newest(listed, filtered(filter), page.rows() + 1, page.offset());
            merging(met, conn).await
        }
    }
}

/// How many emails there are, not counting further than to one more than the cap unless all are to be counted. It
/// counts from the oldest on, for the reason of `email_total::oldest`.
pub(super) async fn count(
    query: &EmailQuery,
    words: &Suchworte,
    conn: &mut AsyncPgConnection,
) -> QueryResult<i64> {
    let filter = &query.filter;
    let (words, way) = Way::find(filter, words, End::Oldest, conn).await?;
    let Some((first, others)) = words.split_first() else {
        return Ok(0);
    };
    match way {
        Way::Filter => {
            let found = oldest(among_filtered(filter, first, others), most(query));
            Counted(found).get_result(conn).await
        }
        Way::Word { rest, without } => {
            let found = without
                .iter()
                .fold(among_words(&rest, first, others), |found, left_out| {
                    left_out.from(found)
                })
                .order((
                    email_suchworte::created_at.asc(),
                    email_suchworte::email_id.asc(),
                ))
                .limit(most(query))
                .select(email_suchworte::email_id);
            Counted(found).get_result(conn).await
        }
        Way::Merge => {
            let met = Met::oldest(list(filter, first, others), filtered(filter), most(query));
            let counted = merging(Counted(met), conn).await?;
            Ok(counted.into_iter().sum())
        }
    }
}

/// Along the list of the filter: of each email it is asked whether it is on that of the first word.
fn among_filtered(filter: &EmailFilter, first: &str, others: &[String]) -> Emails {
    let on_list = list(&EmailFilter::default(), first, others)
        .filter(is_same())
        .select(sql::<Bool>("true"));
    filtered(filter).filter(on_list.single_value())
}

/// Along the list of the first word: of each email it is asked whether it passes the filter.
fn among_words(filter: &EmailFilter, first: &str, others: &[String]) -> Words {
    let found = list(filter, first, others);
    if !restricts(filter) {
        return found;
    }
    let passes = filtered(filter)
        .filter(is_same())
        .select(sql::<Bool>("true"));
    found.filter(passes.single_value())
}

/// The list of the first word, within the times of the filter, without what has not the others as well.
fn list(filter: &EmailFilter, first: &str, others: &[String]) -> Words {
    let mut found = email_suchworte::table
        .filter(email_suchworte::wort.eq(first.to_owned()))
        .into_boxed();
    if let Some(from) = filter.created_from {
        found = found.filter(email_suchworte::created_at.ge(from));
    }
    if let Some(before) = filter.created_before {
        found = found.filter(email_suchworte::created_at.lt(before));
    }
    others
        .iter()
        .fold(found, |found, word| found.filter(has(word)))
}

/// Not EXISTS, nor a join, for which PostgreSQL might leave the list that is walked and its order, since it cannot guess
/// how often two lists meet.
fn is_same() -> SqlLiteral<Bool> {
    sql("emails.created_at = email_suchworte.created_at AND emails.id = email_suchworte.email_id")
}

/// Whether the email on the list that is walked has this word too. An email of very many words does not say.
fn has(word: &str) -> Has {
    sql::<Bool>(
        "CASE WHEN email_suchworte.alle_worte IS NULL THEN ( \
           SELECT true FROM communication_service.email_suchworte AS andere \
           WHERE andere.created_at = email_suchworte.created_at AND andere.email_id = email_suchworte.email_id \
             AND andere.wort = ",
    )
    .bind::<Text, _>(word.to_owned())
    .sql(") ELSE strpos(email_suchworte.alle_worte, ")
    .bind::<Text, _>(format!(" {word} "))
    .sql(") > 0 END")
}

fn behind(found: Words, position: &Position) -> Words {
    match position {
        Position::After(cursor) => found.filter(is_behind(*cursor)),
        Position::Page(_) => found,
    }
}

fn is_behind(Cursor { created_at, id }: Cursor) -> Behind {
    sql::<Bool>("(email_suchworte.created_at, email_suchworte.email_id) < (")
        .bind::<Timestamptz, _>(created_at)
        .sql(", ")
        .bind::<BigInt, _>(id)
        .sql(")")
}
