//! `DELETE /api/emails/{id}`.

use crate::support::{emails, locks, store_with};
use comm_app::OutreachError;
use comm_domain::outreach::{Email, EmailError, EmailEventKind, EmailId, EmailStatus, Fehlerart};
use comm_ports::Signal::Outbox;
use comm_ports::testing::MockOutreachTx;
use comm_ports::testing::build::{email, instant};

fn in_doubt() -> Email {
    let mut record = (*email(1, EmailStatus::Fehlgeschlagen)).clone();
    record.fehlerart = Some(Fehlerart::AusgangUnklar);
    Email::restore(record)
}

fn removes(email: Email) -> MockOutreachTx {
    let mut tx = locks(Some(email));
    let mut order = mockall::Sequence::new();
    tx.expect_remove_email()
        .times(1)
        .in_sequence(&mut order)
        .withf(|change| matches!(change.events(), [event] if event.kind == EmailEventKind::Deleted))
        .returning(|_| Ok(()));
    tx.expect_commit()
        .times(1)
        .in_sequence(&mut order)
        .returning(|| Ok(()));
    tx
}

#[tokio::test]
async fn an_email_that_never_left_is_removed() {
    use EmailStatus::{Entwurf, Fehlgeschlagen, InWarteschlange};
    for status in [Entwurf, InWarteschlange, Fehlgeschlagen] {
        let store = store_with(vec![removes(email(1, status))]);
        emails(store, &[Outbox]).delete(EmailId(1)).await.unwrap();
    }
}

#[tokio::test]
async fn an_email_that_was_sent_or_is_in_doubt_is_hidden() {
    for email in [email(1, EmailStatus::Gesendet), in_doubt()] {
        let mut tx = locks(Some(email));
        tx.expect_save_email()
            .times(1)
            .withf(|change| change.after().geloescht_am == Some(instant()))
            .returning(|change| Ok(change.into_after()));
        tx.expect_commit().times(1).returning(|| Ok(()));
        let emails = emails(store_with(vec![tx]), &[Outbox]);
        emails.delete(EmailId(1)).await.unwrap();
    }
}

#[tokio::test]
async fn an_email_under_way_is_not_deleted_and_an_unknown_one_not_found() {
    let store = store_with(vec![locks(Some(email(1, EmailStatus::WirdGesendet)))]);
    let refused = emails(store, &[]).delete(EmailId(1)).await.unwrap_err();
    assert!(matches!(
        refused,
        OutreachError::Email(EmailError::UnderWay)
    ));
    let sentence = "An email with status 'Wird_gesendet' cannot be deleted";
    assert_eq!(refused.to_string(), sentence);

    let store = store_with(vec![locks(None)]);
    let missing = emails(store, &[]).delete(EmailId(1)).await.unwrap_err();
    assert!(matches!(missing, OutreachError::EmailNotFound));
}

#[tokio::test]
async fn a_deletion_is_finished_though_nobody_waits_for_it_any_more() {
    let (done, finished) = tokio::sync::oneshot::channel();
    let mut tx = locks(Some(email(1, EmailStatus::Gesendet)));
    tx.expect_save_email()
        .returning(|change| Ok(change.into_after()));
    tx.expect_commit().return_once(move || {
        done.send(()).unwrap();
        Ok(())
    });
    let emails = emails(store_with(vec![tx]), &[Outbox]);
    // Polled once, as by a client that then hangs up.
    let request = emails.delete(EmailId(1));
    tokio::select! {
        biased;
        _ = request => unreachable!("the work is done by a task of its own"),
        () = std::future::ready(()) => {}
    }
    finished.await.unwrap();
}
