//! Which way leads soonest to the emails that have words and pass other filters. An entry that is read on a list costs
//! 0.1 µs, one that is asked for 2.4 µs; so much depends on how often the first word and the filters occur.

use super::counting::Counted;
use super::email_list::{Query as Emails, filtered};
use super::email_search::Words;
use crate::schema::{email_suchworte, emails};
use crate::sql::sql as statement;
use chrono::{DateTime, TimeDelta, Utc};
use comm_domain::outreach::{EmailStatus, RecipientType};
use comm_ports::outreach::{EmailFilter, Suchworte};
use diesel::dsl::{not, sql};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::cmp::Reverse;

/// How much of each list is looked at to tell which is the shorter: as many emails at one end of it. Of two that have
/// more, the one that reaches further with these has fewer at a time.
const SAMPLE: i64 = 1_000;
/// Up to how many times as many emails as on the one list are read on the other rather than asked for.
const CLOSE: i32 = 20;
/// Most emails that are left out by knowing them all.
const FEW: i64 = 30_000;
/// More than there can be when they were no more than `FEW` a moment ago, and few enough for PostgreSQL to hash them.
const LEFT_OUT: i64 = 100_000;

/// Where a list is walked from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Newest,
    Oldest,
}

/// What is walked.
pub(super) enum Way {
    /// The list of the rarest word, or two words; `rest` of the filter is asked of `emails`.
    Word {
        rest: EmailFilter,
        without: Vec<LeftOut>,
    },
    /// The list of the filter; the words are asked for.
    Filter,
    /// Both at once.
    Merge,
}

impl Way {
    /// The rarest list, of a word or of two; the words that are asked of an email on it; and the way.
    pub(super) async fn find(
        filter: &EmailFilter,
        words: &Suchworte,
        end: End,
        conn: &mut AsyncPgConnection,
    ) -> QueryResult<(Vec<String>, Self)> {
        let mut lists: Vec<List> = statement(rarity(end))
            .bind::<Text, _>(words.as_str().to_owned())
            .load(conn)
            .await?;
        let edge = end.edge(lists.iter().map(|list| &list.seen));
        lists.sort_by_key(|list| list.seen.rarity(edge));
        let way = match lists.as_slice().first() {
            Some(rarest) if restricts(filter) => {
                Self::beside(filter, &rarest.seen, end, conn).await?
            }
            _ => Self::along_word(filter),
        };
        let mut names = lists.into_iter().map(|list| list.wort);
        let first = names.next();
        let words = names.filter(|name| !name.contains(' '));
        Ok((first.into_iter().chain(words).collect(), way))
    }

    async fn beside(
        filter: &EmailFilter,
        word: &Seen,
        end: End,
        conn: &mut AsyncPgConnection,
    ) -> QueryResult<Self> {
        let listed = end.first_of(filter, conn).await?;
        let edge = end.edge([word, &listed]);
        let is_rarer = listed.rarity(edge) < word.rarity(edge);
        if !is_rarer && end == End::Oldest && word.emails == SAMPLE {
            let (rest, without) = leave_out(filter, conn).await?;
            if !without.is_empty() {
                return Ok(Self::Word { rest, without });
            }
        }
        Ok(match () {
            () if is_one_list(filter) && are_close(word, &listed, edge) => Self::Merge,
            () if is_rarer => Self::Filter,
            () => Self::along_word(filter),
        })
    }

    fn along_word(filter: &EmailFilter) -> Self {
        Self::Word {
            rest: filter.clone(),
            without: Vec::new(),
        }
    }
}

/// Whether there are filters besides words and times, which limit the list of a word as well.
pub(super) fn restricts(filter: &EmailFilter) -> bool {
    conditions(filter) > 0
}

/// Whether an index has just the emails that the filter asks for.
fn is_one_list(filter: &EmailFilter) -> bool {
    conditions(filter) == 1
}

fn conditions(filter: &EmailFilter) -> usize {
    let given = [
        filter.therapist_id.is_some(),
        filter.patient_id.is_some(),
        filter.recipient_type.is_some(),
        filter.status.is_some(),
        filter.fehlerart.is_some(),
        filter.antwort_erhalten.is_some(),
        filter.therapeutenanfrage_id.is_some(),
    ];
    given.into_iter().filter(|given| *given).count()
}

/// The emails at one end of a list.
#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = BigInt)]
    emails: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    oldest: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    newest: Option<DateTime<Utc>>,
}

/// The list of a word, or of two with a blank between.
#[derive(QueryableByName)]
struct List {
    #[diesel(sql_type = Text)]
    wort: String,
    #[diesel(embed)]
    seen: Seen,
}

impl Seen {
    /// How far they reach from where the walk begins.
    fn reach(&self, edge: Option<DateTime<Utc>>) -> TimeDelta {
        let far = |end: Option<DateTime<Utc>>| Some((end? - edge?).abs());
        far(self.oldest).max(far(self.newest)).unwrap_or_default()
    }

    /// Ascends from the rarest to the most frequent.
    fn rarity(&self, edge: Option<DateTime<Utc>>) -> (i64, Reverse<TimeDelta>) {
        (self.emails, Reverse(self.reach(edge)))
    }
}

impl End {
    /// Where the walk along several lists begins.
    fn edge<'a>(self, lists: impl IntoIterator<Item = &'a Seen>) -> Option<DateTime<Utc>> {
        let lists = lists.into_iter();
        match self {
            Self::Newest => lists.filter_map(|seen| seen.newest).max(),
            Self::Oldest => lists.filter_map(|seen| seen.oldest).min(),
        }
    }

    async fn first_of(
        self,
        filter: &EmailFilter,
        conn: &mut AsyncPgConnection,
    ) -> QueryResult<Seen> {
        let all = filtered(filter).select(emails::created_at).limit(SAMPLE);
        let first = match self {
            Self::Newest => all.order((emails::created_at.desc(), emails::id.desc())),
            Self::Oldest => all.order((emails::created_at.asc(), emails::id.asc())),
        };
        let (emails, oldest, newest) = Sampled(first).get_result(conn).await?;
        Ok(Seen {
            emails,
            oldest,
            newest,
        })
    }
}

fn are_close(one: &Seen, other: &Seen, edge: Option<DateTime<Utc>>) -> bool {
    let (one_reaches, other_reaches) = (one.reach(edge), other.reach(edge));
    let shorter = one_reaches.min(other_reaches);
    one.emails == SAMPLE
        && other.emails == SAMPLE
        // Of emails of one instant there is no telling.
        && shorter > TimeDelta::zero()
        && one_reaches.max(other_reaches) <= shorter * CLOSE
}

/// The emails that one condition of a filter leaves out.
pub(super) enum LeftOut {
    OfOtherStatus(EmailStatus),
    /// Those that were answered, or were not.
    Answered(bool),
    To(RecipientType),
}

/// Splits a filter into conditions that leave out few emails, and the rest.
async fn leave_out(
    filter: &EmailFilter,
    conn: &mut AsyncPgConnection,
) -> QueryResult<(EmailFilter, Vec<LeftOut>)> {
    let (mut rest, mut without) = (filter.clone(), Vec::new());
    if let Some(status) = filter.status
        && let Some(others) = LeftOut::OfOtherStatus(status).if_few(conn).await?
    {
        without.push(others);
        rest.status = None;
    }
    if let Some(answered) = filter.antwort_erhalten
        && let Some(others) = LeftOut::Answered(!answered).if_few(conn).await?
    {
        without.push(others);
        rest.antwort_erhalten = None;
    }
    let others = filter.recipient_type.map(|kind| match kind {
        RecipientType::Therapist => RecipientType::Patient,
        RecipientType::Patient => RecipientType::Therapist,
    });
    if let Some(others) = others
        && let Some(others) = LeftOut::To(others).if_few(conn).await?
    {
        without.push(others);
        rest.recipient_type = None;
    }
    Ok((rest, without))
}

impl LeftOut {
    async fn if_few(self, conn: &mut AsyncPgConnection) -> QueryResult<Option<Self>> {
        let some = self.emails().select(emails::id).limit(FEW + 1);
        let count: i64 = Counted(some).get_result(conn).await?;
        Ok((count <= FEW).then_some(self))
    }

    /// Takes them from the list of a word.
    pub(super) fn from(&self, list: Words) -> Words {
        let those = self.emails().select(emails::id).limit(LEFT_OUT);
        list.filter(not(email_suchworte::email_id.eq_any(those)))
    }

    /// The states stand in the text: of bound ones a plan that is kept would expect nearly all emails.
    fn emails(&self) -> Emails {
        match self {
            Self::OfOtherStatus(status) => {
                let others = EmailStatus::ALL.iter().filter(|other| *other != status);
                let others: Vec<String> = others.map(|status| format!("'{status}'")).collect();
                filtered(&EmailFilter::default()).filter(sql::<Bool>(&format!(
                    "emails.status IN ({})",
                    others.join(", ")
                )))
            }
            Self::Answered(answered) => filtered(&EmailFilter {
                antwort_erhalten: Some(*answered),
                ..EmailFilter::default()
            }),
            Self::To(recipient) => filtered(&EmailFilter {
                recipient_type: Some(*recipient),
                ..EmailFilter::default()
            }),
        }
    }
}

/// How much of the list of each word there is at one end, and of those of two words where they have one.
macro_rules! sampling {
    ($order:literal) => {
        concat!(
            "SELECT wort, seen.* FROM communication_service.suchworte(?) AS worte, \
               unnest(worte || communication_service.suchwortpaare(worte)) AS gesucht (wort), LATERAL ( \
               SELECT count(*) AS emails, min(created_at) AS oldest, max(created_at) AS newest FROM ( \
                 SELECT created_at FROM communication_service.email_suchworte AS liste WHERE liste.wort = gesucht.wort \
                 ORDER BY created_at ",
            $order,
            ", email_id ",
            $order,
            " LIMIT 1000) AS read) AS seen"
        )
    };
}

fn rarity(end: End) -> &'static str {
    match end {
        End::Newest => sampling!("DESC"),
        End::Oldest => sampling!("ASC"),
    }
}

/// How many rows a query answers, and when the oldest and the newest of them were created.
#[derive(QueryId)]
struct Sampled<Q>(Q);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Sampled<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT count(*), min(created_at), max(created_at) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS seen");
        Ok(())
    }
}

impl<Q> Query for Sampled<Q> {
    type SqlType = (BigInt, Nullable<Timestamptz>, Nullable<Timestamptz>);
}

impl<Q, Conn> diesel::RunQueryDsl<Conn> for Sampled<Q> {}
