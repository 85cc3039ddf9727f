//! A run, its report, and what repeating it does.

use super::support::{Stille, only};
use crate::setup::assert_problem;
use crate::telefonanrufe::support::slot;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

#[tokio::test]
async fn a_mail_that_was_silent_for_a_week_gets_one_call_in_the_telephone_hours() {
    let stille = Stille::start().await;
    stille.keep_hours(7, json!({"Di": ["11:00-11:30"]})).await;
    let email = stille.sent(7, json!({"therapeutenanfrage_id": 12})).await;
    let report = stille.run().await;
    assert_eq!(report["dry_run"], false);
    assert_eq!(report["am"], stille.today());
    assert_eq!(
        report["zusammenfassung"],
        json!({"emails": 1, "geplant": 1, "angeschlossen": 0, "gelassen": 0, "offen": 0})
    );
    let row = only(&report);
    assert_eq!(row["email_id"], email["id"]);
    assert_eq!(row["therapist_id"], 7);
    assert_eq!(row["entscheidung"], "geplant");
    assert_eq!(row["grund"], json!(null));
    assert_eq!(slot(row), (stille.tomorrow(), "11:00"));
    let call = stille.by_id(&row["telefonanruf_id"]).await;
    assert_eq!(slot(&call), slot(row));
    assert_eq!(call["email_ids"], json!([email["id"]]));
    assert_eq!(call["email_id"], email["id"]);
    assert_eq!(call["therapeutenanfrage_id"], 12);
    assert_eq!(call["status"], "geplant");
    assert_eq!(stille.events("communication.call_scheduled").await, 1);
    let decided = format!("{} geplant {}", email["id"], call["id"]);
    assert_eq!(stille.decisions().await, decided);
}

#[tokio::test]
async fn to_run_again_does_nothing_even_if_the_call_was_deleted() {
    let stille = Stille::start().await;
    stille.sent(7, json!({})).await;
    let first = stille.run().await;
    let second = stille.run().await;
    assert_eq!(second["data"], json!([]));
    let call = json!({"id": only(&first)["telefonanruf_id"]});
    let path = format!("/api/phone-calls/{}", call["id"]);
    stille.client.delete(&path).await.expect(200);
    assert_eq!(stille.run().await["data"], json!([]));
    assert_eq!(stille.calls().await, 1);
    // Also when the hidden call has been removed for good.
    let removed = "DELETE FROM communication_service.telefonanrufe";
    stille.world.execute(removed).await;
    assert_eq!(stille.run().await["data"], json!([]));
    assert_eq!(stille.calls().await, 0);
}

#[tokio::test]
async fn a_dry_run_says_what_a_run_would_do_and_does_nothing() {
    let stille = Stille::start().await;
    let email = stille.sent(9, json!({})).await;
    stille.sent(8, json!({})).await;
    let said = stille.dry_run().await;
    assert_eq!(said["dry_run"], true);
    assert_eq!(said["data"][0]["email_id"], email["id"]);
    assert_eq!(said["data"][0]["telefonanruf_id"], json!(null));
    assert_eq!(
        (stille.calls().await, stille.decisions().await),
        (0, String::new())
    );
    let mut done = stille.run().await;
    let call = done["data"][0]["telefonanruf_id"].clone();
    assert_eq!(done["data"][1]["telefonanruf_id"], call);
    for row in done["data"].as_array_mut().unwrap() {
        row["telefonanruf_id"] = json!(null);
    }
    assert_eq!(done["data"], said["data"]);
    assert_eq!(done["zusammenfassung"], said["zusammenfassung"]);
}

#[tokio::test]
async fn dry_run_may_stand_in_the_body_and_must_be_a_truth() {
    let stille = Stille::start().await;
    stille.sent(7, json!({})).await;
    let run = "/api/follow-ups/run";
    let dry = json!({"dry_run": true});
    let report = stille.client.post(run, &dry).await.expect(200).body;
    assert_eq!(report["dry_run"], true);
    // Whoever asks for both gets the one that does no harm.
    let both = stille
        .client
        .post("/api/follow-ups/run?dry_run=false", &dry);
    assert_eq!(both.await.expect(200).body["dry_run"], true);
    let wrong = stille.client.post(run, &json!({"dry_run": "ja"})).await;
    assert_problem(&wrong, 400, "dry_run");
    let path = "/api/follow-ups/run?dry_run=ja";
    let wrong = stille.client.post(path, &json!({})).await;
    assert_problem(&wrong, 400, "dry_run");
    assert_eq!(stille.calls().await, 0);
    // A run needs no body.
    let bare = stille.client.send(Method::POST, run, |request| request);
    assert_eq!(bare.await.unwrap().expect(200).body["dry_run"], false);
    assert_eq!(stille.calls().await, 1);
}

#[tokio::test]
async fn a_run_with_a_key_is_answered_once() {
    let stille = Stille::start().await;
    stille.sent(7, json!({})).await;
    let run = async || {
        let path = "/api/follow-ups/run";
        stille
            .post_once(path, "a-key", &json!({}))
            .await
            .expect(200)
    };
    let first = run().await;
    stille.sent(7, json!({"therapist_id": 8})).await;
    let second = run().await;
    assert_eq!(second.body, first.body);
    assert_eq!(stille.calls().await, 1, "the repeated request did nothing");
}

#[tokio::test]
async fn a_run_with_a_key_is_kept_though_its_client_hangs_up() {
    let stille = Stille::start().await;
    stille.sent(7, json!({})).await;
    let mut other = stille.world.database.connect().await.unwrap();
    let held = other.transaction().await.unwrap();
    let lock = "LOCK TABLE communication_service.nachverfolgungen IN ACCESS EXCLUSIVE MODE";
    held.batch_execute(lock).await.unwrap();
    let connection = TcpStream::connect(("127.0.0.1", stille.client.port()));
    let mut connection = connection.await.unwrap();
    let request = "POST /api/follow-ups/run HTTP/1.1\r\nhost: localhost\r\nidempotency-key: a-key\r\n\
         content-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    connection.write_all(request.as_bytes()).await.unwrap();
    stille.until_something_waits_for_a_lock().await;
    // Without the courtesy of an end: the server cannot take it for a client that only has no more to say.
    connection.set_zero_linger().unwrap();
    drop(connection);
    sleep(Duration::from_millis(200)).await;
    held.commit().await.unwrap();
    let repeated = comm_tests::eventually("the run is over", || async {
        let path = "/api/follow-ups/run";
        let answer = stille.post_once(path, "a-key", &json!({})).await;
        (answer.status == 200).then_some(answer.body)
    });
    assert_eq!(repeated.await["zusammenfassung"]["geplant"], 1);
    assert_eq!(stille.calls().await, 1);
}

#[tokio::test]
async fn there_is_one_run_at_a_time_and_trials_beside_it() {
    let stille = Stille::start().await;
    stille.sent(7, json!({})).await;
    let other = stille.world.database.connect().await.unwrap();
    // "COMDAY" in ASCII: the lock of the daily work.
    let lock = "SELECT pg_advisory_lock(x'434F4D444159'::bigint)";
    other.batch_execute(lock).await.unwrap();
    let answer = stille.client.post("/api/follow-ups/run", &json!({})).await;
    assert_problem(&answer, 409, "under way");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(stille.dry_run().await["zusammenfassung"]["geplant"], 1);
    drop(other);
    let run = comm_tests::eventually("the lock is free", || async {
        let answer = stille.client.post("/api/follow-ups/run", &json!({})).await;
        (answer.status == 200).then_some(answer.body)
    });
    assert_eq!(run.await["zusammenfassung"]["geplant"], 1);
}

#[tokio::test]
async fn the_daily_work_runs_it_by_itself() {
    let stille = Stille::serving(&[("COMM__CALLS__DAILY_AT", "00:00")], &[]).await;
    // The day's work is done before there is a mail; another day begins.
    let done = "SELECT count(*) FROM communication_service.tageslauf";
    comm_tests::eventually("the day's work is done", || async {
        (stille.world.number(done).await == 1).then_some(())
    })
    .await;
    stille.sent(7, json!({})).await;
    let yesterday = "UPDATE communication_service.tageslauf SET tag = tag - 1";
    stille.world.execute(yesterday).await;
    stille.service.ask_to_stop();
    stille.service.ended().await;
    let offset = stille.offset();
    let again = stille.world.start_with(&["--clock-offset", offset]).await;
    comm_tests::eventually("the silence is followed up", || async {
        (stille.calls().await == 1).then_some(())
    })
    .await;
    again.stop().await;
}
