//! What deleting an email means for it.

use crate::support::{at, email, kinds};
use comm_domain::outreach::{Deletion, EmailError, EmailEventKind, EmailStatus, Fehlerart};

#[test]
fn what_may_have_left_is_hidden_and_everything_else_removed() {
    for (status, fehlerart, hidden) in [
        (EmailStatus::Entwurf, None, false),
        (EmailStatus::InWarteschlange, None, false),
        (
            EmailStatus::Fehlgeschlagen,
            Some(Fehlerart::Endgueltig),
            false,
        ),
        (
            EmailStatus::Fehlgeschlagen,
            Some(Fehlerart::AusgangUnklar),
            true,
        ),
        (EmailStatus::Gesendet, None, true),
    ] {
        let change = match email(status, fehlerart).delete(at(1)).unwrap() {
            Deletion::Hide(change) if hidden => change,
            Deletion::Remove(change) if !hidden => change,
            other => panic!("{status} {fehlerart:?}: {other:?}"),
        };
        assert_eq!(kinds(&change), [EmailEventKind::Deleted]);
    }
    assert_eq!(
        email(EmailStatus::WirdGesendet, None)
            .delete(at(1))
            .unwrap_err(),
        EmailError::UnderWay
    );
}
