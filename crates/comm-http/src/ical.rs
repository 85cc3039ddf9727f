//! iCalendar (RFC 5545) on the wire: content lines, escaped and folded. What they say is not decided here.

use chrono::{DateTime, Utc};
use comm_app::outreach::{Gilt, Kalenderblatt, Kalendertermin};

/// Most octets of a line without its end (RFC 5545 3.1).
const LINE_MAX: usize = 75;
/// How often calendar programs are asked to look again.
const REFRESH: &str = "PT15M";
const PRODID: &str = "-//communication-service//Telefonanrufe//DE";
/// The right-hand side of every UID: the same for all instances and for ever.
const UID_DOMAIN: &str = "communication-service";

/// The calendar as a file, the same for the same contents.
///
/// Times are in UTC, which every program shows in its own zone: a feed is written anew each time it is read, so a rule
/// of summer time that changes moves no call.
pub(crate) fn calendar(blatt: &Kalenderblatt) -> String {
    let mut lines = Lines::default();
    lines.raw("BEGIN", "VCALENDAR");
    lines.raw("VERSION", "2.0");
    lines.raw("PRODID", PRODID);
    lines.raw("CALSCALE", "GREGORIAN");
    lines.text("NAME", &blatt.name);
    lines.text("X-WR-CALNAME", &blatt.name);
    lines.raw("X-WR-TIMEZONE", blatt.zone);
    lines.raw("REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
    lines.raw("X-PUBLISHED-TTL", REFRESH);
    for termin in &blatt.termine {
        event(&mut lines, termin);
    }
    lines.raw("END", "VCALENDAR");
    lines.0
}

/// DTSTAMP is the last change, as it is without a METHOD (RFC 5545 3.8.7.2).
fn event(lines: &mut Lines, termin: &Kalendertermin) {
    let (status, transparency) = match termin.gilt {
        Gilt::Ja => ("CONFIRMED", "OPAQUE"),
        Gilt::Abgesagt => ("CANCELLED", "TRANSPARENT"),
    };
    lines.raw("BEGIN", "VEVENT");
    lines.raw("UID", &format!("telefonanruf-{}@{UID_DOMAIN}", termin.id));
    lines.instant("DTSTAMP", termin.geaendert_am);
    lines.instant("CREATED", termin.erstellt_am);
    lines.instant("LAST-MODIFIED", termin.geaendert_am);
    lines.raw("SEQUENCE", &termin.sequenz.to_string());
    lines.instant("DTSTART", termin.beginn);
    lines.instant("DTEND", termin.ende);
    lines.raw("STATUS", status);
    lines.raw("TRANSP", transparency);
    lines.raw("CLASS", "PRIVATE");
    lines.text("SUMMARY", &termin.titel);
    lines.text("DESCRIPTION", &termin.beschreibung);
    lines.raw("END", "VEVENT");
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    fn instant(&mut self, name: &str, at: DateTime<Utc>) {
        self.raw(name, &at.format("%Y%m%dT%H%M%SZ").to_string());
    }

    fn text(&mut self, name: &str, text: &str) {
        self.raw(name, &escaped(text));
    }

    /// Folds where a line would be too long, never within a character.
    fn raw(&mut self, name: &str, value: &str) {
        let mut length = 0;
        for sign in name.chars().chain([':']).chain(value.chars()) {
            if length + sign.len_utf8() > LINE_MAX {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(sign);
            length += sign.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// A value of the type TEXT (RFC 5545 3.3.11), which has no other control characters than tabs.
fn escaped(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\n' => escaped.push_str("\\n"),
            '\\' | ';' | ',' => escaped.extend(['\\', sign]),
            '\t' => escaped.push(sign),
            sign if sign.is_control() => {}
            sign => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, text: &str) -> String {
        let mut lines = Lines::default();
        lines.text(name, text);
        lines.0
    }

    #[test]
    fn text_is_escaped_and_has_no_control_characters() {
        let text = "a;b,c\\d:e\r\nf\rg\nh\ti\0j\u{7}\u{85}";
        assert_eq!(
            line("SUMMARY", text),
            "SUMMARY:a\\;b\\,c\\\\d:e\\nf\\ng\\nh\tij\r\n"
        );
    }

    #[test]
    fn no_line_is_longer_than_75_octets_and_unfolding_gives_the_text_back() {
        for text in ["x".repeat(500), "äß".repeat(200), "a\u{1f4de}".repeat(100)] {
            for cut in 0..80 {
                let text: String = text.chars().skip(cut).collect();
                let folded = line("DESCRIPTION", &text);
                let unended = folded.strip_suffix("\r\n").unwrap();
                let parts: Vec<&str> = unended.split("\r\n").collect();
                assert!(parts.iter().all(|part| part.len() <= LINE_MAX));
                assert!(parts[1..].iter().all(|part| part.starts_with(' ')));
                let unfolded = unended.replace("\r\n ", "");
                assert_eq!(unfolded, format!("DESCRIPTION:{text}"));
            }
        }
        assert_eq!(line("X", &"y".repeat(73)).matches("\r\n").count(), 1);
        assert_eq!(line("X", &"y".repeat(74)).matches("\r\n").count(), 2);
    }
}
