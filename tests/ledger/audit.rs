//! Whether the accounts agree: each mail that was accepted has one end, and every party says the same.

use crate::book::{Book, Doubts, Row};
use crate::events;
use crate::verdict::{Rule, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// Goes through all accounts.
pub(crate) fn audit(book: &Book) -> Verdict {
    let mut verdict = Verdict::of(book.accepted.len());
    requests(book, &mut verdict);
    for row in &book.rows {
        end(book, row, &mut verdict);
    }
    mails(book, &mut verdict);
    doubts(book, &mut verdict);
    events::audit(book, &mut verdict);
    for rest in &book.rests {
        if rest.count > rest.allowed {
            let what = format!("{}: {} of at most {}", rest.what, rest.count, rest.allowed);
            verdict.complain(Rule::Leak, what);
        }
    }
    verdict
}

/// Each request made one mail if it was accepted, at most one if nobody knows, and else none.
fn requests(book: &Book, verdict: &mut Verdict) {
    let shown: BTreeSet<i64> = book.rows.iter().map(|row| row.id).collect();
    for (sender, id) in &book.accepted {
        if !shown.contains(id) {
            verdict.complain(
                Rule::Lost,
                format!("{sender} was accepted and is not there"),
            );
        }
    }
    let accepted: BTreeMap<&str, i64> = book
        .accepted
        .iter()
        .map(|(sender, id)| (sender.as_str(), *id))
        .collect();
    let mut seen = BTreeSet::new();
    for row in &book.rows {
        let known = accepted.get(row.sender.as_str());
        let unanswered = book.unanswered.contains(&row.sender);
        verdict.unanswered += usize::from(known.is_none() && unanswered);
        if !seen.insert(&row.sender) {
            verdict.complain(Rule::Twice, format!("{} was stored twice", row.sender));
        } else if known.is_none() && !unanswered {
            verdict.complain(Rule::Unasked, format!("{} was never asked for", row.sender));
        }
    }
}

/// One end for one mail, and the mail server says the same.
fn end(book: &Book, row: &Row, verdict: &mut Verdict) {
    let taken = book.taken.get(&row.message_id).copied().unwrap_or(0);
    let refused = book.refused.contains(&row.sender);
    let name = &row.sender;
    if row.is_sent() {
        verdict.once += usize::from(taken == 1);
        if taken == 0 {
            verdict.complain(
                Rule::Lost,
                format!("{name} is called sent and never arrived"),
            );
        }
    } else if row.is_in_doubt() {
        verdict.in_doubt += 1;
    } else if row.status == "Fehlgeschlagen" && taken > 0 {
        let what = format!("{name} arrived and is called {}", row.status);
        verdict.complain(Rule::UnnamedDoubt, what);
    } else if row.is_refused() && refused {
        verdict.refused += 1;
    } else {
        let what = format!("{name} ended as {} {:?}", row.status, row.fehlerart);
        verdict.complain(Rule::Lost, what);
    }
}

/// What the mail server took was asked for, and was taken once.
fn mails(book: &Book, verdict: &mut Verdict) {
    let known: BTreeSet<&str> = book
        .rows
        .iter()
        .map(|row| row.message_id.as_str())
        .collect();
    for (message_id, times) in &book.taken {
        if *times > 1 {
            verdict.complain(Rule::Twice, format!("{message_id} arrived {times} times"));
        }
        if !known.contains(message_id.as_str()) {
            verdict.complain(Rule::Unasked, format!("{message_id} arrived from nowhere"));
        }
    }
}

/// Where the server never replied, the mail is in doubt; and nowhere without a cause.
fn doubts(book: &Book, verdict: &mut Verdict) {
    for row in &book.rows {
        let silent = book.silent.contains(&row.sender);
        if silent && !row.is_in_doubt() {
            let what = format!("{} got no reply and is called {}", row.sender, row.status);
            verdict.complain(Rule::UnnamedDoubt, what);
        }
        if matches!(book.doubts, Doubts::ExactlySilent) && row.is_in_doubt() && !silent {
            let what = format!("{} is in doubt, and got its reply", row.sender);
            verdict.complain(Rule::NeedlessDoubt, what);
        }
    }
    if let Doubts::AtMost(most) = book.doubts
        && book.rows.iter().filter(|row| row.is_in_doubt()).count() as u64 > most
    {
        let what = format!("{} mails are in doubt, of at most {most}", verdict.in_doubt);
        verdict.complain(Rule::NeedlessDoubt, what);
    }
}
