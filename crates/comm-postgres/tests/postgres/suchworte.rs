//! The lists of words: they follow their emails, nothing else writes them, and what is found by them is what has them.

use crate::support::{Db, db};
use chrono::{DateTime, TimeDelta};
use comm_domain::outreach::{
    Deletion, EmailId, EmailPatch, EmailStatus, Outcome, RecipientType, Versuchsplan,
};
use comm_ports::outreach::{
    Claim, Counting, EmailFilter, EmailQuery, OutreachStore, Suchworte, Verdict,
};
use comm_ports::page::{PageRequest, Position, Total};
use comm_ports::testing::build::instant;
use std::time::Duration;
use uuid::Uuid;

const UNDO: TimeDelta = TimeDelta::seconds(5);
/// How many entries are missing or too many.
const DIFFERENT: &str = "WITH expected AS ( \
       SELECT unnest(worte || communication_service.suchwortpaare(worte)), created_at, id, CASE WHEN length(alle) <= 160 THEN alle END FROM ( \
         SELECT *, concat(' ', array_to_string(worte, ' '), ' ') AS alle FROM communication_service.emails, LATERAL ( \
           SELECT communication_service.suchworte(betreff || ' ' || empfaenger_name || ' ' || empfaenger_email) AS worte) AS had \
         WHERE geloescht_am IS NULL) AS emails), \
     lists AS (SELECT wort, created_at, email_id, alle_worte FROM communication_service.email_suchworte) \
     SELECT count(*) FROM ( \
       (SELECT * FROM expected EXCEPT ALL SELECT * FROM lists) UNION ALL \
       (SELECT * FROM lists EXCEPT ALL SELECT * FROM expected)) AS different";
/// Which transactions wrote the lists.
const WRITTEN: &str = "SELECT coalesce(sum(xmin::text::bigint), 0)::bigint FROM communication_service.email_suchworte";

pub(crate) async fn assert_they_follow(db: &Db) {
    assert_eq!(db.number(DIFFERENT).await, 0);
}

pub(crate) async fn change(db: &Db, id: EmailId, patch: EmailPatch) {
    let mut tx = db.store.begin().await.unwrap();
    let locked = tx.lock_email(id).await.unwrap().unwrap();
    let change = locked.apply(patch, instant(), UNDO).unwrap();
    tx.save_email(change).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) async fn delete(db: &Db, id: EmailId) {
    let mut tx = db.store.begin().await.unwrap();
    let locked = tx.lock_email(id).await.unwrap().unwrap();
    match locked.delete(instant()).unwrap() {
        Deletion::Remove(change) => tx.remove_email(change).await.unwrap(),
        Deletion::Hide(change) => drop(tx.save_email(change).await.unwrap()),
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_lists_follow_what_is_edited_hidden_and_removed() {
    let db = db().await;
    let draft = db.insert(EmailStatus::Entwurf).await;
    let sent = db.insert(EmailStatus::Entwurf).await;
    let entries = "SELECT count(*) FROM communication_service.email_suchworte WHERE email_id = ";
    let entries = async |id: i64| db.number(&format!("{entries}{id}")).await;
    assert!(entries(draft.id.0).await > 3);
    assert_they_follow(&db).await;

    let edited = EmailPatch {
        betreff: Some("Zweiter Versuch, zweiter Versuch".to_owned()),
        empfaenger_name: Some("Praxis am Park".to_owned()),
        ..EmailPatch::default()
    };
    change(&db, draft.id, edited).await;
    let found = "SELECT count(*) FROM communication_service.email_suchworte WHERE wort = 'versuch'";
    assert_eq!(db.number(found).await, 1);
    assert_they_follow(&db).await;

    let by_hand = EmailPatch {
        status: Some(EmailStatus::Gesendet),
        ..EmailPatch::default()
    };
    change(&db, sent.id, by_hand).await;
    delete(&db, draft.id).await;
    assert_eq!(entries(draft.id.0).await, 0, "removed");
    assert!(entries(sent.id.0).await > 3);
    delete(&db, sent.id).await;
    assert_eq!(
        (entries(sent.id.0).await, db.rows("emails").await),
        (0, 1),
        "hidden"
    );

    db.insert(EmailStatus::Entwurf).await;
    db.sql("UPDATE communication_service.emails SET created_at = created_at - interval '1 day', id = id + 100").await;
    assert_they_follow(&db).await;
    assert_eq!(db.rows("emails").await, 2);
}

#[tokio::test]
async fn the_queue_leaves_the_lists_alone() {
    let db = db().await;
    db.insert(EmailStatus::InWarteschlange).await;
    db.all_due().await;
    let before = db.number(WRITTEN).await;
    assert!(before > 0);
    let sperre = Uuid::new_v4();
    let email = db.claim(sperre, 1).await.pop().unwrap();
    let seen = email.updated_at;
    let change = email.settle(Outcome::Accepted, instant(), &Versuchsplan::default());
    let verdict = Verdict {
        sperre,
        seen,
        change: change.unwrap(),
        contact: None,
    };
    let nothing_more = Claim {
        sperre: Uuid::new_v4(),
        lease: Duration::from_secs(45),
        limit: 0,
    };
    let turn = db.store.turn(&[verdict], nothing_more).await.unwrap();
    assert_eq!(turn.saved.len(), 1);
    assert_eq!(db.number(WRITTEN).await, before);
    assert_they_follow(&db).await;
}

/// 4,000 emails: words of every, every third, every 20th (in which that of every third stands), every 700th and one of them, every ninth with more words than
/// stand beside each other; some were sent, some answered, some hidden, some go to patients.
pub(crate) const FILL: &str = "INSERT INTO communication_service.emails (therapist_id, patient_id, betreff, inhalt_html, inhalt_text, \
       legal_footer, empfaenger_email, empfaenger_name, absender_email, absender_name, status, message_id, \
       created_at, updated_at, sequence, gesendet_am, geloescht_am, antwort_erhalten) \
     SELECT CASE WHEN n % 13 > 0 THEN n % 40 + 1 END, CASE WHEN n % 13 = 0 THEN 5 END, \
       concat_ws(' ', 'alle', CASE WHEN n % 3 = 0 THEN 'oft' END, CASE WHEN n % 20 = 0 THEN 'oftmals' END, \
         CASE WHEN n % 700 = 0 THEN 'selten' END, CASE WHEN n = 77 THEN 'einmal' END, \
         CASE WHEN n % 9 = 0 THEN (SELECT string_agg('ofters' || word, ' ') FROM generate_series(1, 20) word) END), 'h', 't', false, \
       'a@example.org', 'n', 'b@example.org', 'n', CASE WHEN n % 50 = 0 THEN 'Gesendet' ELSE 'Entwurf' END, n::text, \
       now() - n % 1000 * interval '1 minute', now(), 1, now(), CASE WHEN n % 11 = 0 THEN now() END, n % 2 = 0 \
     FROM generate_series(1, 4000) n";

/// The same by other means: how many there are, and the ids of the 21 newest behind the first.
async fn expected(db: &Db, words: &str, filter: &str) -> (i64, Vec<i64>) {
    let found = format!(
        "FROM communication_service.emails WHERE geloescht_am IS NULL AND {filter} \
         AND communication_service.suchworte(betreff || ' ' || empfaenger_name || ' ' || empfaenger_email) \
           @> communication_service.suchworte('{words}')"
    );
    let client = db.database.connect().await.unwrap();
    let newest = format!("SELECT id {found} ORDER BY created_at DESC, id DESC LIMIT 21");
    let rows = client.query(&newest, &[]).await.unwrap();
    let count = db.number(&format!("SELECT count(*) {found}")).await;
    (count, rows.iter().map(|row| row.get(0)).collect())
}

type Set = fn(&mut EmailFilter);

/// Filters that many and few emails pass, that leave out many and few, by themselves and together.
const FILTERS: &[(&str, Set)] = &[
    ("true", |_| {}),
    ("status = 'Entwurf'", |filter| {
        filter.status = Some(EmailStatus::Entwurf);
    }),
    ("status = 'Gesendet'", |filter| {
        filter.status = Some(EmailStatus::Gesendet);
    }),
    ("antwort_erhalten", |filter| {
        filter.antwort_erhalten = Some(true);
    }),
    ("NOT antwort_erhalten", |filter| {
        filter.antwort_erhalten = Some(false);
    }),
    ("therapist_id IS NOT NULL", |filter| {
        filter.recipient_type = Some(RecipientType::Therapist);
    }),
    ("patient_id IS NOT NULL", |filter| {
        filter.recipient_type = Some(RecipientType::Patient);
    }),
    ("status = 'Entwurf' AND NOT antwort_erhalten", |filter| {
        filter.status = Some(EmailStatus::Entwurf);
        filter.antwort_erhalten = Some(false);
    }),
    (
        "status = 'Entwurf' AND therapist_id IS NOT NULL AND therapist_id = 11",
        |filter| {
            filter.status = Some(EmailStatus::Entwurf);
            filter.recipient_type = Some(RecipientType::Therapist);
            filter.therapist_id = Some(11);
        },
    ),
    ("status = 'Gesendet' AND therapist_id = 11", |filter| {
        filter.status = Some(EmailStatus::Gesendet);
        filter.therapist_id = Some(11);
    }),
];

#[tokio::test]
async fn frequent_and_rare_words_beside_frequent_and_rare_filters_are_found_newest_first() {
    let db = db().await;
    db.sql(FILL).await;
    for words in [
        "alle",
        "oft",
        "oftmals oft",
        "selten",
        "alle EINMAL",
        "oft alle ofters7",
        "ofters",
        "nie",
        "alle nie",
        "a@example.org",
    ] {
        assert_finds_beside_filters(&db, words).await;
    }
}

/// Each filter beside these words.
pub(crate) async fn assert_finds_beside_filters(db: &Db, words: &str) {
    for (sql, set) in FILTERS {
        let mut filter = EmailFilter {
            suchworte: Some(Suchworte::parse("q", words).unwrap()),
            ..EmailFilter::default()
        };
        set(&mut filter);
        assert_finds(db, filter, expected(db, words, sql).await).await;
    }
}

/// Page 1 with its total, capped and exact, and the rest of it by a cursor.
async fn assert_finds(db: &Db, filter: EmailFilter, (count, ids): (i64, Vec<i64>)) {
    for counting in [Counting::Capped, Counting::Exact] {
        let mut query = EmailQuery {
            filter: filter.clone(),
            page: PageRequest::numbered(1, 1),
            counting,
            ..EmailQuery::default()
        };
        let first = db.store.list_emails(&query).await.unwrap();
        let total = Some(Total {
            count,
            capped: false,
        });
        assert_eq!(first.total, total, "{filter:?}");
        let mut found: Vec<i64> = first.rows.iter().map(|email| email.id.0).collect();
        if let Some(next) = first.next {
            query.page = PageRequest::after(next, 20);
            assert!(matches!(query.page.position, Position::After(_)));
            let rest = db.store.list_emails(&query).await.unwrap();
            found.extend(rest.rows.iter().map(|email| email.id.0));
        }
        assert_eq!(found, ids, "{filter:?}");
    }
}

#[tokio::test]
async fn times_limit_the_list_of_a_word_and_the_total_is_capped() {
    let db = db().await;
    db.sql(&FILL.replace("4000", "12000")).await;
    let moment = "SELECT extract(epoch FROM date_trunc('minute', now()))::bigint - 12000";
    let moment = DateTime::from_timestamp(db.number(moment).await, 0).unwrap();
    let words = || Some(Suchworte::parse("q", "alle").unwrap());
    let since = EmailFilter {
        suchworte: words(),
        created_from: Some(moment),
        ..EmailFilter::default()
    };
    let before = EmailFilter {
        suchworte: words(),
        created_before: Some(moment),
        ..EmailFilter::default()
    };
    assert_finds(
        &db,
        since,
        expected(&db, "alle", &format!("created_at >= '{moment}'")).await,
    )
    .await;
    assert_finds(
        &db,
        before,
        expected(&db, "alle", &format!("created_at < '{moment}'")).await,
    )
    .await;
    let all = EmailQuery {
        filter: EmailFilter {
            suchworte: words(),
            ..EmailFilter::default()
        },
        ..EmailQuery::default()
    };
    let total = db.store.list_emails(&all).await.unwrap().total.unwrap();
    assert_eq!((total.count, total.capped), (10_000, true));
}

#[tokio::test]
async fn emails_that_go_while_a_page_is_read_are_not_shown_and_do_not_end_the_list() {
    let db = db().await;
    db.sql(FILL).await;
    let query = EmailQuery {
        filter: EmailFilter {
            suchworte: Some(Suchworte::parse("q", "alle").unwrap()),
            ..EmailFilter::default()
        },
        page: PageRequest::numbered(1, 5),
        ..EmailQuery::default()
    };
    let before = db.store.list_emails(&query).await.unwrap();
    let ids: Vec<i64> = before.rows.iter().map(|email| email.id.0).collect();

    let mut client = db.database.connect().await.unwrap();
    let tx = client.transaction().await.unwrap();
    let gone = format!(
        "LOCK TABLE communication_service.emails IN ACCESS EXCLUSIVE MODE; \
         DELETE FROM communication_service.emails WHERE id = {}; \
         UPDATE communication_service.emails SET geloescht_am = now() WHERE id = {}",
        ids[1], ids[3]
    );
    tx.batch_execute(&gone).await.unwrap();
    let store = db.store.clone();
    let reading = tokio::spawn(async move { store.list_emails(&query).await });
    db.until_somebody_waits().await;
    tx.commit().await.unwrap();

    let page = reading.await.unwrap().unwrap();
    let found: Vec<i64> = page.rows.iter().map(|email| email.id.0).collect();
    assert_eq!(found[..3], [ids[0], ids[2], ids[4]]);
    let last = page.rows.last().unwrap();
    let next = page.next.expect("there are more");
    assert_eq!((next.created_at, next.id), (last.created_at, last.id.0));
}
