//! Representative mails as they are shown, both parts with the footer.

use comm_content::{Content, FooterConfig};
use comm_domain::outreach::Source;
use comm_ports::ContentRenderer;

fn shown(source: &Source) -> String {
    let content = Content::new(&FooterConfig {
        name: "Beispiel GmbH".to_owned(),
        street: "Beispielstraße 1".to_owned(),
        plz: "10115".to_owned(),
        city: "Berlin".to_owned(),
        country: "Deutschland".to_owned(),
        email: "info@example.com".to_owned(),
        ceo: "Erika Musterfrau".to_owned(),
        hrb: "HRB 12345, Amtsgericht Charlottenburg".to_owned(),
        privacy: "Hinweise zum Datenschutz: https://example.com/datenschutz".to_owned(),
    });
    let composed = content.compose(&content.render(source));
    format!("{}\n=====\n{}", composed.html, composed.text)
}

macro_rules! assert_mail {
    ($mail:expr) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($mail) })
    };
}

#[test]
fn markdown_letter() {
    assert_mail!(shown(&Source::Markdown(
        "# Terminanfrage\n\nSehr geehrte Frau Dr. Müller,\nwir suchen einen Platz für **zwei** Patienten, \
         *gern* ab ~~März~~ April.\n\n| Tag | Vormittag | Nachmittag |\n|---|:-:|--:|\n| Montag | 9:00 | |\n\
         | Dienstag | | 14:00 |\n\n1. Rückruf unter [030 1234](tel:+49301234)\n2. oder auf \
         https://example.com/antwort?id=1&t=a_b_c.\n   - [Unsere Seite](https://example.com)\n\n> Ihre Nachricht\n\n\
         Mit <u>freundlichen</u> Grüßen<script>alert(1)</script>"
            .to_owned()
    )));
}

#[test]
fn html_newsletter_in_tables() {
    assert_mail!(shown(&Source::Html {
        html: r##"<!DOCTYPE html><html><head><title>Neues</title><style>.btn{color:red}</style></head>
<body style="margin:0"><!-- preheader --><table width="600" cellpadding="0" cellspacing="0" align="center" bgcolor="#ffffff">
<tr><td width="20">&nbsp;</td><td class="head" style="padding:10px;background:url(https://x.de/t.gif);color:#333"><img
src="https://example.com/logo.png" alt="Beispiel GmbH" width="120" onload="x()"></td></tr>
<tr><td colspan="2"><h2>Neue Zeiten</h2><p>Guten Tag,<br>unsere <b>Sprechzeiten</b> ändern sich:</p>
<ul><li>Montag</li><li>Dienstag</li></ul><center><a class="btn" href="https://example.com/termin" target="_blank"
onclick="track()">Termin vereinbaren</a></center></td></tr></table><img src="http://t.example.com/p.gif" width="1" height="1"></body></html>"##
            .to_owned(),
        text: None,
    }));
}

#[test]
fn plain_text_mail() {
    assert_mail!(shown(&Source::Text(
        "Hallo Frau Müller,\r\n\r\nbitte lesen Sie <https://example.com/a?b=1&c=2>\r\nund antworten Sie an \
         a@example.com.\r\n\r\nGruß\r\nMax\r\n"
            .to_owned()
    )));
}

#[test]
fn hostile_html() {
    assert_mail!(shown(&Source::Html {
        html: "<p onclick=x style=\"color:red;position:fixed;width:expression(alert(1))\">Text<svg/onload=alert(1)>\
               <a href=\"jav\tascript:alert(1)\">Link</a><math><mtext><table><mglyph><style><!--</style><img title=\"\
               --&gt;&lt;img src=1 onerror=alert(1)&gt;\">Ende"
            .to_owned(),
        text: None,
    }));
}
