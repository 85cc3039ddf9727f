//! Telephone numbers as people write them, and the link by which a telephone dials them.

/// Most digits of a number that can be dialled from anywhere (ITU-T E.164), and some more for extensions.
const DIGITS_MAX: usize = 20;
/// What people write between digits.
const SEPARATORS: [char; 9] = [
    ' ', '-', '.', '/', '(', ')', '\u{a0}', '\u{2011}', '\u{2013}',
];

/// The link that dials a number (RFC 3966), or `None` if it says more or less than a number.
///
/// ```
/// use comm_domain::tel_uri;
///
/// assert_eq!(tel_uri("+49 (0)30 123-45").as_deref(), Some("tel:+493012345"));
/// assert_eq!(tel_uri("030 / 123 45").as_deref(), Some("tel:03012345"));
/// assert_eq!(tel_uri("030 12345 (nur vormittags)"), None);
/// ```
pub fn tel_uri(number: &str) -> Option<String> {
    let number = number.trim();
    let number = number.strip_prefix("tel:").unwrap_or(number).trim_start();
    let (plus, national) = match number.strip_prefix('+') {
        // The trunk prefix is not dialled from abroad.
        Some(rest) => ("+", rest.replacen("(0)", "", 1)),
        None => ("", number.to_owned()),
    };
    let digits: String = national
        .chars()
        .filter(|sign| !SEPARATORS.contains(sign))
        .collect();
    let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
    let length = digits.len();
    (is_number && (3..=DIGITS_MAX).contains(&length)).then(|| format!("tel:{plus}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::tel_uri;

    #[test]
    fn numbers_as_people_write_them_can_be_dialled() {
        for (number, link) in [
            ("030 12345", "tel:03012345"),
            ("030/123 45-67", "tel:0301234567"),
            ("(030) 123.45", "tel:03012345"),
            ("+49 30 12345", "tel:+493012345"),
            ("+49 (0) 30 12345", "tel:+493012345"),
            ("tel:+49-30-12345", "tel:+493012345"),
            ("030\u{a0}123\u{2013}0", "tel:0301230"),
            ("110", "tel:110"),
        ] {
            assert_eq!(tel_uri(number).as_deref(), Some(link), "{number}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_dialled() {
        for text in [
            "",
            " ",
            "+",
            "12",
            "unbekannt",
            "030 12345, Herr M.",
            "030 12345 App. 7",
            "٠٣٠١٢٣٤٥",
            "1+2",
            "0049;phone-context=x",
            "123456789012345678901",
            "030\n12345",
        ] {
            assert_eq!(tel_uri(text), None, "{text:?}");
        }
    }
}
