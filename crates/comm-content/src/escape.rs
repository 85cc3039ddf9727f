//! Text into HTML and back.

/// Text as it stands in HTML, between tags and inside a quoted attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// Text out of sanitised HTML, which knows five entities only: what the serializer writes.
pub(crate) fn unescaped(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let known = ENTITIES
            .iter()
            .find_map(|(entity, c)| after.strip_prefix(entity).map(|rest| (*c, rest)));
        let (c, after) = known.unwrap_or(('&', after));
        out.push(c);
        rest = after;
    }
    out.push_str(rest);
    out
}

const ENTITIES: [(&str, char); 5] = [
    ("amp;", '&'),
    ("lt;", '<'),
    ("gt;", '>'),
    ("quot;", '"'),
    ("nbsp;", '\u{a0}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_comes_back() {
        for text in ["", "a < b & c > \"d\"", "&lt;script&gt;", "&&amp;", "Grüße"] {
            assert_eq!(unescaped(&escaped(text)), text);
        }
    }
}
