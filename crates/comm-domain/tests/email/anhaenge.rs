//! Which files can be attached, and what a `PUT` makes of a list.

use crate::support::{draft, email, new_email, put};
use comm_domain::outreach::anhang::{MAX_COUNT, TOTAL_MAX_BYTES};
use comm_domain::outreach::{
    Anhaenge, Anhang, AnhangError, AnhangWunsch, Email, EmailError, EmailPatch, EmailStatus,
    NewAnhang, Quelle,
};
use proptest::prelude::*;
use std::sync::Arc;

const PDF: &str = "application/pdf";

fn named(filename: &str) -> Result<Anhang, AnhangError> {
    Anhang::parse(3, filename, PDF, 1, Quelle::Gespeichert(0))
}

fn file(filename: &str, content: &str) -> NewAnhang {
    NewAnhang::with_content(0, filename, PDF, Arc::new(content.into())).unwrap()
}

fn at_path(path: &str, size: u64) -> NewAnhang {
    NewAnhang::at_path(0, path, PDF, (path.to_owned(), size)).unwrap()
}

fn new(filename: &str, content: &str) -> AnhangWunsch {
    AnhangWunsch::Neu(file(filename, content))
}

fn as_answered(anhang: &Anhang) -> AnhangWunsch {
    AnhangWunsch::Bleibt {
        filename: anhang.filename().to_owned(),
        content_type: Some(anhang.content_type().to_owned()),
        size: Some(anhang.size),
    }
}

/// As the store would give it back.
fn stored(anhaenge: &Anhaenge) -> Anhaenge {
    Anhaenge::restore(anhaenge.to_vec())
}

fn two() -> Anhaenge {
    let new = vec![file("a.pdf", "aa"), file("b.pdf", "bb")];
    stored(&Anhaenge::create(new).unwrap())
}

fn numbers(anhaenge: &Anhaenge) -> Vec<i32> {
    let number = |anhang: &Anhang| match anhang.quelle {
        Quelle::Gespeichert(number) => Some(number),
        Quelle::Pfad(_) => None,
    };
    anhaenge.iter().filter_map(number).collect()
}

#[test]
fn a_file_name_is_one_line_without_a_path() {
    for filename in ["a.pdf", "Über mich (2).docx", "..a", "日本語", "a b", "-"] {
        assert_eq!(named(filename).unwrap().filename(), filename);
    }
    let long = "x".repeat(256);
    for filename in [
        "",
        " ",
        ".",
        "..",
        "/etc/passwd",
        "a/b",
        "..\\a",
        "a\nb",
        "a\r\nBcc: x@y.de",
        "a\0",
        "a\u{2028}b",
        &long,
    ] {
        let error = named(filename).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("attachments[3].filename must"),
            "{error}"
        );
    }
}

#[test]
fn a_media_type_is_one_that_a_file_can_have() {
    let typed = |content_type| Anhang::parse(0, "a", content_type, 1, Quelle::Gespeichert(0));
    for content_type in [
        PDF,
        "text/plain; charset=utf-8",
        "image/svg+xml",
        "X-a/vnd.b-c",
    ] {
        assert_eq!(typed(content_type).unwrap().content_type(), content_type);
    }
    let long = format!("a/{}", "b".repeat(300));
    for content_type in [
        "",
        "pdf",
        "application/",
        "/pdf",
        "application/;a=b",
        "*/*",
        "text/*",
        "multipart/mixed",
        "MULTIPART/x",
        "message/rfc822",
        "text/plain\r\nBcc: x@y.de",
        "text/plain; a=\"\r\nb\"",
        "text/plain, b/c",
        "ä/b",
        &long,
    ] {
        let error = typed(content_type).unwrap_err().to_string();
        assert_eq!(
            error, "attachments[0].content_type must be a media type such as application/pdf",
            "{content_type}"
        );
    }
}

#[test]
fn together_they_have_ten_mebibytes_and_a_hundred_places() {
    let sizes = |sizes: &[u64]| {
        let files = sizes.iter().map(|size| at_path("a.pdf", *size));
        Anhaenge::create(files.collect())
    };
    assert!(sizes(&[TOTAL_MAX_BYTES - 1, 1]).is_ok());
    assert_eq!(sizes(&[TOTAL_MAX_BYTES, 1]), Err(AnhangError::TooLarge));
    assert_eq!(sizes(&[u64::MAX, u64::MAX]), Err(AnhangError::TooLarge));
    assert!(sizes(&[0; MAX_COUNT]).is_ok());
    assert_eq!(sizes(&[0; MAX_COUNT + 1]), Err(AnhangError::TooMany));
}

#[test]
fn what_was_answered_can_be_sent_back_and_changes_nothing() {
    let before = two();
    let same: Vec<_> = before.iter().map(as_answered).collect();
    let after = before.revise(&same).unwrap();
    assert_eq!(after, before);
    assert!(after.unsaved().is_none());
}

#[test]
fn what_stays_keeps_its_content_and_what_is_new_gets_a_number_of_its_own() {
    let before = two();
    let wishes = [
        new("c.pdf", "cc"),
        as_answered(&before[1]),
        new("b.pdf", "new"),
    ];
    let after = before.revise(&wishes).unwrap();
    assert_eq!(numbers(&after), [2, 1, 3]);
    let unsaved: Vec<_> = after
        .unsaved()
        .unwrap()
        .iter()
        .map(|(number, _)| *number)
        .collect();
    assert_eq!(unsaved, [2, 3]);
    let emptied = before.revise(&[]).unwrap();
    assert!(emptied.is_empty() && emptied.unsaved().is_some_and(<[_]>::is_empty));
}

#[test]
fn one_stored_file_stands_for_one_entry_and_equal_ones_keep_their_places() {
    let new_ones = vec![file("a.pdf", "1"), file("a.pdf", "2"), file("b.pdf", "3")];
    let before = stored(&Anhaenge::create(new_ones).unwrap());
    let kept = |places: &[usize]| {
        let wishes: Vec<_> = places
            .iter()
            .map(|place| as_answered(&before[*place]))
            .collect();
        before.revise(&wishes).map(|after| numbers(&after))
    };
    assert_eq!(kept(&[0, 1, 2]), Ok(vec![0, 1, 2]));
    assert_eq!(kept(&[2, 1]), Ok(vec![2, 1]));
    assert_eq!(
        kept(&[0, 0, 0]).unwrap_err().to_string(),
        "attachments[2].content_base64 is required unless the entry is as it was answered"
    );
}

#[test]
fn what_is_left_out_of_an_entry_may_be_anything_but_the_name_must_fit() {
    let before = two();
    let by_name = |filename: &str| AnhangWunsch::Bleibt {
        filename: filename.to_owned(),
        content_type: None,
        size: None,
    };
    assert_eq!(numbers(&before.revise(&[by_name("b.pdf")]).unwrap()), [1]);
    assert!(before.revise(&[by_name("c.pdf")]).is_err());
    let AnhangWunsch::Bleibt {
        filename,
        content_type,
        ..
    } = as_answered(&before[0])
    else {
        unreachable!()
    };
    let size = Some(3);
    assert!(
        before
            .revise(&[AnhangWunsch::Bleibt {
                filename,
                content_type,
                size
            }])
            .is_err()
    );
}

fn with_two(status: EmailStatus) -> Email {
    let mut record = (*email(status, None)).clone();
    record.anhaenge = two();
    Email::restore(record)
}

#[test]
fn attachments_are_frozen_once_the_email_is_no_draft_unless_they_stay_the_same() {
    let patch = |wishes| EmailPatch {
        anhaenge: Some(wishes),
        ..EmailPatch::default()
    };
    let same = || patch(two().iter().map(as_answered).collect());
    for status in [
        EmailStatus::InWarteschlange,
        EmailStatus::WirdGesendet,
        EmailStatus::Gesendet,
    ] {
        let field = "attachments";
        let frozen = Err(EmailError::Frozen { field, status });
        assert_eq!(
            put(with_two(status), patch(vec![new("a.pdf", "aa")])),
            frozen
        );
        assert_eq!(put(with_two(status), patch(Vec::new())), frozen);
        let unchanged = put(with_two(status), same()).unwrap().into_after();
        assert_eq!(unchanged, with_two(status));
    }
    let changed = put(draft(), patch(vec![new("a.pdf", "aa")])).unwrap();
    assert_eq!(changed.after().anhaenge.len(), 1);
    assert!(changed.after().updated_at > draft().updated_at);
}

#[test]
fn a_path_that_is_sent_again_is_no_change() {
    let before = stored(&Anhaenge::create(vec![at_path("a.pdf", 5)]).unwrap());
    let again = before
        .revise(&[AnhangWunsch::Neu(at_path("a.pdf", 5))])
        .unwrap();
    assert!(again.unsaved().is_none());
    assert!(
        new_email()
            .with_anhaenge(vec![at_path("a.pdf", TOTAL_MAX_BYTES + 1)])
            .is_err()
    );
}

proptest! {
    #[test]
    fn no_accepted_name_can_lead_anywhere_or_end_a_header(filename in "[\\PC\r\n\0./\\\\]{0,300}") {
        if let Ok(anhang) = named(&filename) {
            let filename = anhang.filename();
            let chars = filename.chars().count();
            prop_assert!((1..=255).contains(&chars));
            prop_assert!(!filename.contains(|c: char| c.is_control() || c == '/' || c == '\\'));
            prop_assert_eq!(std::path::Path::new(filename).file_name(), Some(filename.as_ref()));
        }
    }

    #[test]
    fn a_list_that_is_sent_back_in_any_order_keeps_every_content(order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(), kept in 0..6_usize) {
        let names = ["a", "b", "a", "c", "a", "b"];
        let new = names.iter().enumerate().map(|(place, name)| file(name, &place.to_string()));
        let before = stored(&Anhaenge::create(new.collect()).unwrap());
        let wishes: Vec<_> = order.iter().take(kept).map(|place| as_answered(&before[*place])).collect();
        let after = before.revise(&wishes).unwrap();
        let mut known = numbers(&after);
        known.sort_unstable();
        known.dedup();
        prop_assert_eq!(known.len(), kept);
        prop_assert!(after.unsaved().is_none_or(<[_]>::is_empty));
        for (anhang, place) in after.iter().zip(&order) {
            prop_assert_eq!(anhang.filename(), names[*place]);
        }
    }
}
