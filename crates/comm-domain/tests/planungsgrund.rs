//! Why a call was planned.

use comm_domain::outreach::{Herkunft, Planungsgrund, Vorgaenger};

fn grund(versuch: i32, vorgaenger: Vorgaenger, emails: usize) -> Planungsgrund {
    Herkunft {
        versuch,
        vorgaenger,
        emails,
    }
    .grund()
}

#[test]
fn a_first_call_was_asked_for_or_follows_emails_up() {
    assert_eq!(grund(1, Vorgaenger::Keiner, 0), Planungsgrund::Anforderung);
    assert_eq!(
        grund(1, Vorgaenger::Keiner, 2),
        Planungsgrund::Nachverfolgung
    );
}

#[test]
fn a_retry_counts_on_and_a_callback_keeps_the_number_whatever_they_follow_up() {
    for emails in [0, 2] {
        let after = |versuch, before| grund(versuch, Vorgaenger::Versuch(before), emails);
        assert_eq!(after(2, 1), Planungsgrund::Wiederholung);
        assert_eq!(after(3, 2), Planungsgrund::Wiederholung);
        assert_eq!(after(1, 1), Planungsgrund::Rueckruf);
        assert_eq!(after(2, 2), Planungsgrund::Rueckruf);
    }
}

#[test]
fn a_call_whose_predecessor_was_removed_is_judged_by_its_number() {
    assert_eq!(
        grund(2, Vorgaenger::Entfernt, 0),
        Planungsgrund::Wiederholung
    );
    assert_eq!(grund(1, Vorgaenger::Entfernt, 0), Planungsgrund::Rueckruf);
}
