//! The main job: an email from POST to the mailbox and to Kafka.

use comm_devkit::kafka::Message;
use comm_devkit::smtp::ReceivedMail;
use comm_tests::{World, email};
use mail_parser::{MessageParser, MimeHeaders as _};
use serde_json::{Value, json};

#[tokio::test]
async fn an_email_goes_from_post_to_the_mailbox_and_to_kafka() {
    let world = World::new()
        .await
        .set("COMPANY_NAME", "Beispiel Vermittlung GmbH");
    let service = world.start().await;
    let created = service
        .client
        .post("/api/emails", &email(json!({"empfaenger_name": "Dr. Jürgen Müller, Praxis", "betreff": "Anfrage für Ämter"})))
        .await
        .expect(201);
    assert_eq!(created.header("location"), "/api/emails/1");
    assert_eq!(created.body["status"], "Entwurf");
    let queued = service
        .client
        .put("/api/emails/1", &json!({"status": "In_Warteschlange"}))
        .await
        .expect(200);
    assert_eq!(queued.body["status"], "In_Warteschlange");
    let sent = service.client.wait_for_status(1, "Gesendet").await;

    let mails = world.smtp.wait_for(1, comm_tests::PATIENCE).await.unwrap();
    assert_is_the_mail_of(mails.first().unwrap(), &sent);
    assert_are_its_events(&world.events(2).await);
    world.assert_nothing_left_behind().await;
    let (status, _) = service.stop().await;
    assert!(status.unwrap().success());
}

fn assert_is_the_mail_of(mail: &ReceivedMail, sent: &Value) {
    assert_eq!(mail.recipients, ["praxis@example.org"]);
    let parsed = MessageParser::default().parse(&mail.raw).unwrap();
    let to = parsed.to().and_then(|to| to.first()).unwrap();
    assert_eq!(to.name(), Some("Dr. Jürgen Müller, Praxis"));
    assert_eq!(parsed.subject(), Some("Anfrage für Ämter"));
    assert_eq!(parsed.message_id(), sent["message_id"].as_str());
    assert!(
        parsed
            .content_type()
            .unwrap()
            .attribute("boundary")
            .is_some()
    );
    let html = parsed.body_html(0).unwrap().replace("\r\n", "\n");
    let shown = sent["inhalt_html"].as_str().unwrap().trim();
    assert!(html.contains(shown), "{html}");
    let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
    assert_eq!(text.trim(), sent["inhalt_text"].as_str().unwrap().trim());
    assert!(
        text.contains("wir suchen einen Therapieplatz")
            && text.contains("Beispiel Vermittlung GmbH")
    );
}

fn assert_are_its_events(events: &[Message]) {
    let kinds: Vec<_> = events.iter().map(|event| event.json().unwrap()).collect();
    assert_eq!(kinds[0]["eventType"], "communication.email_created");
    assert_eq!(kinds[1]["eventType"], "email.sent");
    for (event, value) in events.iter().zip(&kinds) {
        assert_eq!(event.key.as_deref(), Some("1"));
        assert_eq!(event.header("ce_id"), value["eventId"].as_str());
        assert_eq!(value["payload"]["email_data"]["therapist_id"], 7);
        assert!(
            !value.to_string().contains("praxis@example.org"),
            "no address in an event"
        );
    }
    assert_eq!(
        (&kinds[0]["sequence"], &kinds[1]["sequence"]),
        (&json!(1), &json!(2))
    );
}
