//! Frequent words: what is found by two of them has both, and the lists of two follow their emails like those of one.

use crate::suchworte::{FILL, assert_finds_beside_filters, assert_they_follow, change, delete};
use crate::support::{Db, db, store};
use comm_domain::outreach::{EmailPatch, EmailStatus};
use comm_ports::outreach::OutreachStore;

/// In so many of the 4,000 emails a word is frequent here: that of every 20th is, that of every 700th is not.
const FREQUENT: i64 = 150;

/// Three emails with two words that seldom meet.
const NEW: &str = "INSERT INTO communication_service.emails (therapist_id, betreff, inhalt_html, inhalt_text, legal_footer, empfaenger_email, \
       empfaenger_name, absender_email, absender_name, status, message_id, created_at, updated_at, sequence) \
     SELECT 1, 'Ofters7, oftmals', 'h', 't', false, 'a@example.org', 'n', 'b@example.org', 'n', 'Entwurf', 'new' || n, now(), now(), 1 \
     FROM generate_series(1, 3) n";

/// Takes up what so many emails have; says how many words that were.
async fn take_up(db: &Db, frequent: i64) -> usize {
    db.sql("ANALYZE communication_service.email_suchworte")
        .await;
    let mut words = 0;
    while db.store.take_up_frequent_word(frequent).await.unwrap() {
        words += 1;
    }
    words
}

/// How many emails the list of these two words has.
async fn listed(db: &Db, pair: &str) -> i64 {
    let list =
        format!("SELECT count(*) FROM communication_service.email_suchworte WHERE wort = '{pair}'");
    db.number(&list).await
}

async fn is_found_soon(db: &Db, erstes: &str, zweites: &str) -> bool {
    let related = format!(
        "SELECT count(*) FROM communication_service.verwandte_suchworte WHERE erstes = '{erstes}' AND zweites = '{zweites}'"
    );
    db.number(&related).await == 1
}

#[tokio::test]
async fn two_frequent_words_that_seldom_meet_have_a_list() {
    let db = db().await;
    db.sql(FILL).await;
    assert!(take_up(&db, FREQUENT).await > 20);
    assert_eq!(take_up(&db, FREQUENT).await, 0, "a word is taken up once");
    // 20 of the 182 visible emails of the rarer one; in the second pair 61, in the third all.
    assert_eq!(listed(&db, "ofters7 oftmals").await, 20);
    assert!(!is_found_soon(&db, "ofters7", "oftmals").await);
    assert_eq!(listed(&db, "oft oftmals").await, 0);
    assert!(is_found_soon(&db, "oft", "oftmals").await);
    assert_eq!(listed(&db, "alle oft").await, 0);
    assert_eq!(listed(&db, "oft selten").await, 0, "rare");
    assert_they_follow(&db).await;
    for words in [
        "oftmals ofters7",
        "ofters7 alle OFTMALS oft",
        "oft oftmals",
        "oftmals ofters7 selten",
        "oftmals ofters7 nie",
        "alle oft",
    ] {
        assert_finds_beside_filters(&db, words).await;
    }
}

#[tokio::test]
async fn the_lists_of_two_words_follow_what_is_written_later() {
    let db = db().await;
    db.sql(FILL).await;
    take_up(&db, FREQUENT).await;
    let both = || EmailPatch {
        betreff: Some("Oftmals ofters7".to_owned()),
        ..EmailPatch::default()
    };
    let draft = db.insert(EmailStatus::Entwurf).await;
    assert_eq!(listed(&db, "ofters7 oftmals").await, 20);
    change(&db, draft.id, both()).await;
    assert_eq!(listed(&db, "ofters7 oftmals").await, 21);
    assert_they_follow(&db).await;
    db.sql(NEW).await;
    assert_eq!(listed(&db, "ofters7 oftmals").await, 24);
    let one = EmailPatch {
        betreff: Some("Oftmals".to_owned()),
        ..EmailPatch::default()
    };
    change(&db, draft.id, one).await;
    assert_eq!(listed(&db, "ofters7 oftmals").await, 23);
    change(&db, draft.id, both()).await;
    delete(&db, draft.id).await;
    assert_eq!(listed(&db, "ofters7 oftmals").await, 23);
    db.sql(
        "UPDATE communication_service.emails SET geloescht_am = now() WHERE message_id LIKE 'new%'",
    )
    .await;
    assert_eq!(listed(&db, "ofters7 oftmals").await, 20);
    assert_they_follow(&db).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_writes_meanwhile_is_left_out() {
    let db = db().await;
    db.sql(FILL).await;
    take_up(&db, 300).await;
    let writer = db.database.connect().await.unwrap();
    let write = format!(
        "BEGIN; {NEW}; UPDATE communication_service.emails SET betreff = 'Oft' WHERE id = 180"
    );
    writer.batch_execute(&write).await.unwrap();
    let writing = async {
        db.until_somebody_waits().await;
        writer.batch_execute("COMMIT").await.unwrap();
    };
    let (words, ()) = tokio::join!(take_up(&db, FREQUENT), writing);
    assert_eq!(words, 1);
    assert_eq!(listed(&db, "ofters7 oftmals").await, 20 + 3 - 1);
    assert_they_follow(&db).await;
}

#[tokio::test]
async fn a_transaction_that_would_not_see_what_was_taken_up_writes_no_emails() {
    let db = db().await;
    db.sql(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''repeatable read''', \
           current_database()); END $$",
    )
    .await;
    let by_hand = db.database.connect().await.unwrap();
    let refused = by_hand.batch_execute(NEW).await.unwrap_err();
    let words = refused.as_db_error().unwrap().message().to_owned();
    assert!(words.contains("READ COMMITTED alone"), "{words}");
    let db = Db {
        store: store(&db.database.url()),
        ..db
    };
    db.insert(EmailStatus::Entwurf).await;
    let usual = "SET default_transaction_isolation = 'read committed'";
    by_hand.batch_execute(usual).await.unwrap();
    by_hand.batch_execute(FILL).await.unwrap();
    assert!(take_up(&db, FREQUENT).await > 20);
    assert_eq!(listed(&db, "ofters7 oftmals").await, 20);
}

#[tokio::test]
async fn a_long_transaction_is_not_waited_for_and_another_instance_is_left_to_it() {
    let db = db().await;
    db.sql(FILL).await;
    db.sql("ANALYZE communication_service.email_suchworte")
        .await;
    let entries = db.rows("email_suchworte").await;
    let writer = db.database.connect().await.unwrap();
    let hold =
        "BEGIN; UPDATE communication_service.emails SET therapist_id = therapist_id WHERE id = 1";
    writer.batch_execute(hold).await.unwrap();
    let refused = db.store.take_up_frequent_word(FREQUENT).await.unwrap_err();
    assert!(refused.is_transient(), "{refused}");
    writer.batch_execute("ROLLBACK").await.unwrap();
    let other = "BEGIN; SELECT pg_advisory_xact_lock(x'00434F4D574F5254'::bigint)";
    writer.batch_execute(other).await.unwrap();
    assert!(!db.store.take_up_frequent_word(FREQUENT).await.unwrap());
    assert_eq!(
        (
            db.rows("email_suchworte").await,
            db.rows("haeufige_suchworte").await
        ),
        (entries, 0)
    );
    writer.batch_execute("ROLLBACK").await.unwrap();
    assert!(db.store.take_up_frequent_word(FREQUENT).await.unwrap());
}
