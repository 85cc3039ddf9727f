//! Looking for words. `email_suchworte` has the emails of each word newest first, as the indexes of `emails` have those
//! of each filter. Several such lists are walked as one: along the one that seems the shortest, and the others are
//! asked about each email on it. No list is gathered and sorted, however often its word occurs.

use super::counting::Counted;
use super::email_list::{Query as Emails, filtered, newest_of, page_of};
use super::email_total::{most, oldest};
use crate::schema::{email_suchworte, emails};
use crate::sql::sql as statement;
use chrono::{DateTime, Utc};
use comm_ports::outreach::{EmailFilter, EmailQuery, Suchworte};
use comm_ports::page::{Cursor, Position};
use diesel::dsl::{AsExprOf, sql};
use diesel::expression::{SqlLiteral, UncheckedBind};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// How much of each list is looked at to tell which is the shortest: as many of its newest emails. Of two that have
/// more, the one whose last of these is older has fewer at a time.
const RARITY: &str = "SELECT wort, seen.emails, seen.oldest \
     FROM unnest(communication_service.suchworte(?)) AS gesucht (wort), LATERAL ( \
       SELECT count(*) AS emails, min(created_at) AS oldest FROM ( \
         SELECT created_at FROM communication_service.email_suchworte AS liste WHERE liste.wort = gesucht.wort \
         ORDER BY created_at DESC, email_id DESC LIMIT 1000) AS newest) AS seen \
     ORDER BY seen.emails, seen.oldest";
const SAMPLE: i64 = 1_000;

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    wort: String,
    #[diesel(sql_type = BigInt)]
    emails: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    oldest: Option<DateTime<Utc>>,
}

/// The list that is walked.
enum Lead {
    /// That of the first word.
    Word,
    /// That of the other filters.
    Filter,
}

/// Which words are looked for, the rarest first.
pub(super) struct Search {
    words: Vec<String>,
    lead: Lead,
}

type Words = email_suchworte::BoxedQuery<'static, Pg>;
type Behind = SqlLiteral<
    Bool,
    UncheckedBind<
        SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, AsExprOf<DateTime<Utc>, Timestamptz>>>,
        AsExprOf<i64, BigInt>,
    >,
>;
type Has = SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, AsExprOf<String, Text>>>;

impl Search {
    /// Finds the way to the emails that have all the words and pass the other filters.
    pub(super) async fn plan(
        filter: &EmailFilter,
        words: &Suchworte,
        conn: &mut AsyncPgConnection,
    ) -> QueryResult<Self> {
        let words: Vec<Word> = statement(RARITY)
            .bind::<Text, _>(words.as_str().to_owned())
            .load(conn)
            .await?;
        let mut lead = Lead::Word;
        if let Some(first) = words.as_slice().first()
            && restricts(filter)
        {
            let newest = newest_of(filtered(filter)).limit(SAMPLE);
            let rarity: (i64, Option<DateTime<Utc>>) = Sampled(newest.select(emails::created_at))
                .get_result(conn)
                .await?;
            if rarity < (first.emails, first.oldest) {
                lead = Lead::Filter;
            }
        }
        let words = words.into_iter().map(|word| word.wort).collect();
        Ok(Self { words, lead })
    }

    /// The ids of one page and one row more, newest first.
    pub(super) async fn ids(
        &self,
        query: &EmailQuery,
        conn: &mut AsyncPgConnection,
    ) -> QueryResult<Vec<i64>> {
        let Some((first, others)) = self.words.split_first() else {
            return Ok(Vec::new());
        };
        match self.lead {
            Lead::Filter => {
                let found = among_filtered(&query.filter, &self.words);
                let page = page_of(found, &query.page).select(emails::id);
                page.load(conn).await
            }
            Lead::Word => {
                let mut found = among_words(&query.filter, first, others);
                if let Position::After(cursor) = query.page.position {
                    found = found.filter(is_behind(cursor));
                }
                found
                    .order((
                        email_suchworte::created_at.desc(),
                        email_suchworte::email_id.desc(),
                    ))
                    .limit(query.page.rows() + 1)
                    .offset(query.page.offset())
                    .select(email_suchworte::email_id)
                    .load(conn)
                    .await
            }
        }
    }

    /// How many emails there are, not counting further than to one more than the cap unless all are to be counted.
    pub(super) async fn count(
        &self,
        query: &EmailQuery,
        conn: &mut AsyncPgConnection,
    ) -> QueryResult<i64> {
        let Some((first, others)) = self.words.split_first() else {
            return Ok(0);
        };
        match self.lead {
            Lead::Filter => {
                let found = among_filtered(&query.filter, &self.words);
                Counted(oldest(found, most(query))).get_result(conn).await
            }
            Lead::Word => {
                let found = among_words(&query.filter, first, others)
                    .order((
                        email_suchworte::created_at.asc(),
                        email_suchworte::email_id.asc(),
                    ))
                    .limit(most(query))
                    .select(email_suchworte::email_id);
                Counted(found).get_result(conn).await
            }
        }
    }
}

/// Whether there are filters besides words and times, which limit the list of a word as well.
fn restricts(filter: &EmailFilter) -> bool {
    let others = EmailFilter {
        suchworte: None,
        created_from: None,
        created_before: None,
        ..filter.clone()
    };
    others != EmailFilter::default()
}

fn among_filtered(filter: &EmailFilter, words: &[String]) -> Emails {
    words.iter().fold(filtered(filter), |found, word| {
        found.filter(has(word, "emails.created_at", "emails.id"))
    })
}

fn among_words(filter: &EmailFilter, first: &str, others: &[String]) -> Words {
    let mut found = email_suchworte::table
        .filter(email_suchworte::wort.eq(first.to_owned()))
        .into_boxed();
    if let Some(from) = filter.created_from {
        found = found.filter(email_suchworte::created_at.ge(from));
    }
    if let Some(before) = filter.created_before {
        found = found.filter(email_suchworte::created_at.lt(before));
    }
    for word in others {
        found = found.filter(has(
            word,
            "email_suchworte.created_at",
            "email_suchworte.email_id",
        ));
    }
    if restricts(filter) {
        let same = sql::<Bool>(
            "emails.created_at = email_suchworte.created_at AND emails.id = email_suchworte.email_id",
        );
        let passes = filtered(filter).filter(same).select(sql::<Bool>("true"));
        found = found.filter(passes.single_value());
    }
    found
}

/// Whether the email on the list that is walked has this word too. Not EXISTS, for which PostgreSQL might leave the
/// list and its order, since it cannot guess how often words meet.
fn has(word: &str, created_at: &str, id: &str) -> Has {
    let ask =
        "(SELECT true FROM communication_service.email_suchworte AS andere WHERE andere.wort = ";
    sql::<Bool>(ask)
        .bind::<Text, _>(word.to_owned())
        .sql(&format!(
            " AND andere.created_at = {created_at} AND andere.email_id = {id})"
        ))
}

fn is_behind(Cursor { created_at, id }: Cursor) -> Behind {
    sql::<Bool>("(email_suchworte.created_at, email_suchworte.email_id) < (")
        .bind::<Timestamptz, _>(created_at)
        .sql(", ")
        .bind::<BigInt, _>(id)
        .sql(")")
}

/// How many rows a query answers, and when the oldest of them was created.
#[derive(QueryId)]
struct Sampled<Q>(Q);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Sampled<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT count(*), min(created_at) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS newest");
        Ok(())
    }
}

impl<Q> Query for Sampled<Q> {
    type SqlType = (BigInt, Nullable<Timestamptz>);
}

impl<Q, Conn> diesel::RunQueryDsl<Conn> for Sampled<Q> {}
