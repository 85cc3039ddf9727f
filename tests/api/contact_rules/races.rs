//! Contacts of one therapist at the same moment.

use super::support::Regeln;
use comm_tests::email;
use serde_json::json;
use tokio::task::JoinSet;

#[tokio::test]
async fn of_many_mails_at_the_same_moment_the_rule_lets_one_pass() {
    let regeln = Regeln::clients("WOCHENFRIST", "enforce").await;
    let other = regeln
        .world
        .start_with(&["--no-worker", "--clock-offset", regeln.offset()])
        .await;
    let queued = |status| email(json!({"status": status}));
    let draft = regeln.mail(json!({})).await.expect(201).body;
    let path = format!("/api/emails/{}", draft["id"]);
    let bulk = json!({"emails": [queued("In_Warteschlange")]});
    let mut attempts = JoinSet::new();
    for n in 0..24 {
        let clients = [&regeln.client, &other.client];
        let client = clients[n % 2].clone();
        let (bulk, path, queued) = (bulk.clone(), path.clone(), queued("In_Warteschlange"));
        attempts.spawn(async move {
            match n % 4 {
                0 | 1 => client.post("/api/emails", &queued).await.status,
                2 => client.post("/api/emails/bulk", &bulk).await.status,
                _ => {
                    let waits = json!({"status": "In_Warteschlange"});
                    client.put(&path, &waits).await.status
                }
            }
        });
    }
    let statuses = attempts.join_all().await;
    let waiting =
        "SELECT count(*) FROM communication_service.emails WHERE status = 'In_Warteschlange'";
    assert_eq!(regeln.world.number(waiting).await, 1, "{statuses:?}");
    let unexpected = statuses
        .iter()
        .find(|status| !matches!(status, 200 | 201 | 409));
    assert_eq!(unexpected, None, "{statuses:?}");
    other.stop().await;
}

#[tokio::test]
async fn queueing_a_mail_waits_for_whoever_has_the_contact_state() {
    let regeln = Regeln::start().await;
    regeln.queue().await.expect(201);
    let mut other = regeln.world.database.connect().await.unwrap();
    let tx = other.transaction().await.unwrap();
    let lock = "SELECT 1 FROM communication_service.kontaktstand WHERE person_id = 7 FOR UPDATE";
    tx.batch_execute(lock).await.unwrap();
    let queueing = regeln.queue();
    let waited = async {
        regeln.until_something_waits_for_a_lock().await;
        tx.rollback().await.unwrap();
    };
    let (answer, ()) = tokio::join!(queueing, waited);
    answer.expect(201);
}
