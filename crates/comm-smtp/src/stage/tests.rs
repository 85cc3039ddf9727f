//! The whole table of the contract, row by row.

use super::*;

const STAGES: [Stage; 8] = [
    Stage::Connect,
    Stage::Hello,
    Stage::StartTls,
    Stage::Auth,
    Stage::Mail,
    Stage::Rcpt,
    Stage::Data,
    Stage::Message,
];

const SILENT: [Event; 3] = [Event::Lost, Event::TimedOut, Event::NotSmtp];

fn outcome(stage: Stage, event: Event) -> Outcome {
    Ending { stage, event }.outcome()
}

fn reply(code: u16, text: &str) -> Event {
    let text = text.to_owned();
    Event::Reply(Reply { code, text })
}

fn before_354() -> impl Iterator<Item = Stage> {
    STAGES.into_iter().filter(|stage| *stage != Stage::Message)
}

#[test]
fn only_a_2xx_after_the_final_dot_is_accepted() {
    for code in 200..600 {
        for stage in STAGES {
            let accepted = stage == Stage::Message && code < 300;
            let outcome = outcome(stage, reply(code, "words"));
            assert_eq!(outcome == Outcome::Accepted, accepted, "{stage:?} {code}");
        }
    }
}

#[test]
fn a_4xx_is_temporary_at_every_stage_and_keeps_the_words() {
    for (stage, grund) in [
        (Stage::Connect, Fehlergrund::NichtErreichbar),
        (Stage::Hello, Fehlergrund::NichtErreichbar),
        (Stage::StartTls, Fehlergrund::NichtErreichbar),
        (Stage::Auth, Fehlergrund::NichtErreichbar),
        (Stage::Mail, Fehlergrund::Absender),
        (Stage::Rcpt, Fehlergrund::Adresse),
        (Stage::Data, Fehlergrund::Nachricht),
        (Stage::Message, Fehlergrund::Nachricht),
    ] {
        for code in (400..500).filter(|code| *code != 421) {
            let expected = Outcome::Failed(Fehler {
                art: Fehlerart::Voruebergehend,
                grund,
                server: Some(format!("{code} 4.7.1 greylisted")),
                enhanced_code: Some("4.7.1".to_owned()),
                anhang: None,
            });
            assert_eq!(outcome(stage, reply(code, "4.7.1 greylisted")), expected);
        }
    }
}

#[test]
fn a_421_says_at_every_stage_that_the_server_is_away() {
    for stage in STAGES {
        let expected = Outcome::Failed(Fehler {
            art: Fehlerart::Voruebergehend,
            grund: Fehlergrund::NichtErreichbar,
            server: Some("421 closing".to_owned()),
            enhanced_code: None,
            anhang: None,
        });
        assert_eq!(outcome(stage, reply(421, "closing")), expected);
    }
}

#[test]
fn a_5xx_before_mail_blames_the_set_up_and_later_the_mail() {
    for (stage, art, grund) in [
        (
            Stage::Connect,
            Fehlerart::Voruebergehend,
            Fehlergrund::Zugang,
        ),
        (Stage::Hello, Fehlerart::Voruebergehend, Fehlergrund::Zugang),
        (
            Stage::StartTls,
            Fehlerart::Voruebergehend,
            Fehlergrund::Zugang,
        ),
        (Stage::Auth, Fehlerart::Voruebergehend, Fehlergrund::Zugang),
        (Stage::Mail, Fehlerart::Endgueltig, Fehlergrund::Absender),
        (Stage::Rcpt, Fehlerart::Endgueltig, Fehlergrund::Adresse),
        (Stage::Data, Fehlerart::Endgueltig, Fehlergrund::Nachricht),
        (
            Stage::Message,
            Fehlerart::Endgueltig,
            Fehlergrund::Nachricht,
        ),
    ] {
        for code in 500..600 {
            let expected = Outcome::Failed(Fehler {
                art,
                grund,
                server: Some(format!("{code} 5.7.0 no, <[Adresse]>")),
                enhanced_code: Some("5.7.0".to_owned()),
                anhang: None,
            });
            assert_eq!(outcome(stage, reply(code, "5.7.0 no, <a@b.de>")), expected);
        }
    }
}

#[test]
fn silence_before_354_is_temporary_in_our_own_words() {
    for stage in before_354() {
        for event in SILENT {
            let expected = silent(Fehlerart::Voruebergehend, Fehlergrund::NichtErreichbar);
            assert_eq!(outcome(stage, event), expected);
        }
    }
}

#[test]
fn silence_after_354_is_in_doubt() {
    for event in SILENT {
        let expected = Outcome::Failed(Fehler::in_doubt(Fehlergrund::AntwortFehlt));
        assert_eq!(outcome(Stage::Message, event), expected);
    }
}

#[test]
fn a_reply_that_may_not_stand_there_is_silence() {
    for stage in before_354() {
        for code in 200..400 {
            assert_eq!(
                outcome(stage, reply(code, "")),
                outcome(stage, Event::NotSmtp)
            );
        }
    }
    for code in (0..200).chain(300..400).chain(600..1000) {
        assert_eq!(
            outcome(Stage::Message, reply(code, "")),
            outcome(Stage::Message, Event::NotSmtp)
        );
    }
}

#[test]
fn called_off_is_in_doubt_only_after_354() {
    for stage in before_354() {
        assert_eq!(outcome(stage, Event::CalledOff), Outcome::CalledOff);
    }
    let expected = Outcome::Failed(Fehler::in_doubt(Fehlergrund::Abgebrochen));
    assert_eq!(outcome(Stage::Message, Event::CalledOff), expected);
}

#[test]
fn what_does_not_fit_is_told_apart() {
    for stage in before_354() {
        let set_up = silent(Fehlerart::Voruebergehend, Fehlergrund::Zugang);
        assert_eq!(outcome(stage, Event::Mismatch), set_up);
    }
    for (stage, grund) in [
        (Stage::Mail, Fehlergrund::Absender),
        (Stage::Rcpt, Fehlergrund::Adresse),
    ] {
        let address = silent(Fehlerart::Endgueltig, grund);
        assert_eq!(outcome(stage, Event::NoSmtpUtf8), address);
    }
}

#[test]
fn an_enhanced_code_of_another_class_is_ignored() {
    let Outcome::Failed(fehler) = outcome(Stage::Rcpt, reply(550, "4.1.1 odd")) else {
        panic!("a 550 is no success");
    };
    assert_eq!(fehler.enhanced_code, None);
    assert_eq!(fehler.server.as_deref(), Some("550 4.1.1 odd"));
}

#[test]
fn only_a_parked_connection_that_fails_at_mail_is_replaced() {
    let is_stale = |stage, event| Ending { stage, event }.is_stale_connection();
    for event in SILENT.into_iter().chain([reply(421, "")]) {
        for stage in STAGES {
            assert_eq!(is_stale(stage, event.clone()), stage == Stage::Mail);
        }
    }
    for event in [
        reply(450, ""),
        reply(550, ""),
        Event::CalledOff,
        Event::NoSmtpUtf8,
    ] {
        assert!(!is_stale(Stage::Mail, event));
    }
}

#[test]
fn a_connection_is_kept_only_if_the_server_still_listens() {
    let is_usable = |stage, event| Ending { stage, event }.leaves_connection_usable();
    for stage in [Stage::Rcpt, Stage::Data, Stage::Message] {
        assert!(is_usable(stage, reply(450, "")));
        assert!(is_usable(stage, reply(550, "")));
        assert!(!is_usable(stage, reply(421, "")));
        assert!(!is_usable(stage, Event::CalledOff));
    }
    assert!(is_usable(Stage::Mail, reply(550, "")));
    assert!(
        !is_usable(Stage::Mail, reply(450, "")),
        "a limit per connection"
    );
    assert!(is_usable(Stage::Mail, Event::NoSmtpUtf8));
    for stage in STAGES {
        for event in SILENT {
            assert!(!is_usable(stage, event));
        }
    }
}
