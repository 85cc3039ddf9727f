//! What follows from an event's type alone: which older name it has, and whether it goes first.

use comm_ports::outbox::Priority;

/// Events and the names under which older consumers know them.
const OLD_NAMES: [(&str, &str); 3] = [
    ("email.sent", "communication.email_sent"),
    (
        "email.response_received",
        "communication.email_response_received",
    ),
    ("phone_call.completed", "communication.call_completed"),
];

/// The name under which older consumers know this type, if they know it under another one.
pub fn old_name(event_type: &str) -> Option<&'static str> {
    let found = OLD_NAMES.iter().find(|(name, _)| *name == event_type);
    found.map(|(_, old)| *old)
}

/// Whether this is a name that only older consumers know.
pub fn is_old_name(event_type: &str) -> bool {
    OLD_NAMES.iter().any(|(_, old)| *old == event_type)
}

/// Failed mails and all that ends a call go first: a person waits for them.
pub fn priority(event_type: &str) -> Priority {
    if event_type == "email.failed" || event_type.starts_with("phone_call.") {
        Priority::First
    } else {
        Priority::Normal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_events_have_an_older_name() {
        for (name, old) in OLD_NAMES {
            assert_eq!(old_name(name), Some(old));
            assert!(is_old_name(old) && !is_old_name(name));
        }
        for name in [
            "email.failed",
            "communication.email_created",
            "phone_call.failed",
        ] {
            assert_eq!(old_name(name), None);
        }
    }

    #[test]
    fn failed_mails_and_the_ends_of_calls_go_first() {
        for name in [
            "email.failed",
            "phone_call.completed",
            "phone_call.failed",
            "phone_call.cancelled",
        ] {
            assert_eq!(priority(name), Priority::First, "{name}");
        }
        for name in [
            "email.sent",
            "email.response_received",
            "communication.email_created",
            "communication.email_deleted",
            "communication.call_scheduled",
            "communication.call_completed",
        ] {
            assert_eq!(priority(name), Priority::Normal, "{name}");
        }
    }
}
