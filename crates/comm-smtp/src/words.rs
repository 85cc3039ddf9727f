//! The server's words in a form that may be stored: one line, bounded, without anybody's address.

/// Longest text in characters.
const MAX_CHARS: usize = 500;

/// What one reply said, with its code.
pub(crate) fn presentable(code: u16, text: &str) -> String {
    let one_line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let without_addresses = redacted(&one_line);
    let words: Vec<&str> = without_addresses.split_whitespace().collect();
    bounded(&format!("{code} {}", words.join(" ")))
}

/// The enhanced status code at the beginning of a reply (RFC 3463), if its class fits the reply's code
/// (RFC 2034 4.).
pub(crate) fn enhanced_code(code: u16, text: &str) -> Option<String> {
    let candidate = text.split_whitespace().next()?;
    let parts: Vec<&str> = candidate.split('.').collect();
    let [class, subject, detail] = parts.as_slice() else {
        return None;
    };
    let fits = *class == (code / 100).to_string() && matches!(*class, "2" | "4" | "5");
    (fits && is_short_number(subject) && is_short_number(detail)).then(|| candidate.to_owned())
}

fn is_short_number(part: &str) -> bool {
    (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Servers repeat addresses, also encoded in links (`%40`) and return paths (`=40`).
fn redacted(text: &str) -> String {
    text.split_inclusive(is_around_address)
        .map(|piece| {
            let token = piece.trim_end_matches(is_around_address);
            let end = piece.get(token.len()..).unwrap_or_default();
            match ["@", "%40", "=40"].iter().any(|at| token.contains(at)) {
                true => format!("[Adresse]{end}"),
                false => piece.to_owned(),
            }
        })
        .collect()
}

fn is_around_address(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | ',' | ';' | ':'
        )
}

fn bounded(text: &str) -> String {
    if text.chars().count() <= MAX_CHARS {
        return text.trim_end().to_owned();
    }
    let mut short: String = text.chars().take(MAX_CHARS - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_in_every_dress_are_removed() {
        for (said, shown) in [
            (
                "5.1.1 <a.b@praxis.de>: unknown",
                "550 5.1.1 <[Adresse]>: unknown",
            ),
            (
                "user a@b.de, b@c.de unknown",
                "550 user [Adresse], [Adresse] unknown",
            ),
            ("müller@größe.de ist voll", "550 [Adresse] ist voll"),
            (
                "see http://spf.org/why?id=a%40b.de",
                "550 see http:[Adresse]",
            ),
            ("bounces+a=40b.de no", "550 [Adresse] no"),
            ("(a@b.de)", "550 ([Adresse])"),
            ("\"o'neill\"@b.de", "550 \"o'neill\"[Adresse]"),
            ("nothing to hide", "550 nothing to hide"),
            ("", "550"),
        ] {
            assert_eq!(presentable(550, said), shown);
        }
    }

    #[test]
    fn control_characters_become_spaces() {
        assert_eq!(presentable(451, "a\tb\x07c\r\n d"), "451 a b c d");
    }

    #[test]
    fn long_words_are_cut_after_addresses_are_removed() {
        let said = format!("{} someone@example.org", "x".repeat(485));
        let shown = presentable(550, &said);
        assert_eq!(shown.chars().count(), 499);
        assert!(shown.ends_with("[Adresse]"));
        assert_eq!(presentable(550, &"ü".repeat(2000)).chars().count(), 500);
    }

    #[test]
    fn enhanced_codes_must_fit_the_code() {
        assert_eq!(enhanced_code(550, "5.1.1 no"), Some("5.1.1".to_owned()));
        assert_eq!(enhanced_code(452, "4.3.100"), Some("4.3.100".to_owned()));
        for (code, text) in [
            (550, "4.1.1 no"),
            (550, "no 5.1.1"),
            (550, "5.1 no"),
            (550, "5.1.1.1 no"),
            (550, "5.1000.1 no"),
            (550, "5.1.x no"),
            (550, "5..1 no"),
            (354, "3.1.1 go"),
            (550, ""),
        ] {
            assert_eq!(enhanced_code(code, text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_words_are_too_long_or_show_an_address(text in "\\PC{0,600}", local in "[a-z.+]{1,20}", domain in "[a-z]{1,10}") {
            let shown = presentable(550, &format!("{text} <{local}@{domain}.de> {text}"));
            let address = format!("{local}@{domain}.de");
            prop_assert!(shown.chars().count() <= 500);
            prop_assert!(!shown.contains(&address));
            prop_assert!(!shown.chars().any(char::is_control));
        }
    }
}
