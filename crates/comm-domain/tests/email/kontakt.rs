//! Addresses and lines of text: what is taken, and what that promises.

use comm_domain::EmailAddress;
use proptest::prelude::*;

#[test]
fn addresses_that_name_nobody_or_several_are_refused() {
    for text in [
        "",
        "praxis",
        "@example.org",
        "a@",
        "a@b@c",
        "a@example.org, b@example.org",
        "a@example.org;b@example.org",
        "Ada <a@example.org>",
        "<a@example.org>",
        "a b@example.org",
        "a@exa mple.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@-example.org",
        "a@[127.0.0.1]",
        "a..b@example.org",
        "a@example..org",
    ] {
        assert!(
            EmailAddress::parse("empfaenger_email", text).is_err(),
            "{text:?}"
        );
    }
    for text in [
        "a@example.org",
        "A.b+c@example.co.uk",
        "müller@praxis-müller.de",
        "o'neil@example.org",
        " a@b ",
    ] {
        assert!(
            EmailAddress::parse("empfaenger_email", text).is_ok(),
            "{text:?}"
        );
    }
}

proptest! {
    #[test]
    fn an_address_is_one_mailbox_on_one_line(text in "\\PC{0,40}|[a-z@.,;<>\" \r\n\t\u{0}]{0,30}") {
        if let Ok(address) = EmailAddress::parse("empfaenger_email", &text) {
            prop_assert!(!address.as_str().chars().any(|c| c.is_control() || c.is_whitespace()));
            prop_assert!(!address.domain().is_empty());
            prop_assert!(!address.domain().contains(['@', ',', ';', '<', '>']));
            prop_assert_eq!(&EmailAddress::parse("x", address.as_str()).unwrap(), &address);
        }
    }

    #[test]
    fn a_subject_is_one_line_of_1_to_255_characters(text in any::<String>()) {
        match comm_domain::field::line("betreff", text.as_str()) {
            Ok(line) => prop_assert!(!line.is_empty() && line.chars().count() <= 255 && !line.chars().any(char::is_control)),
            Err(error) => prop_assert!(error.to_string().starts_with("betreff ")),
        }
    }
}

#[test]
fn a_quoted_local_part_is_refused_since_no_mail_could_be_built_for_it() {
    for address in ["\"a,b\"@x.org", "\"a@b\"@x.org", "\"a\"@x.org"] {
        assert!(
            EmailAddress::parse("empfaenger_email", address).is_err(),
            "{address}"
        );
    }
    assert!(EmailAddress::parse("empfaenger_email", "o'neil+x@x.org").is_ok());
}
