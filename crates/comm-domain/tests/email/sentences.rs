//! What a clerk reads about a failed attempt.

use comm_domain::outreach::{Fehler, Fehlerart, Fehlergrund, Folge};

const GRUENDE: [Fehlergrund; 11] = [
    Fehlergrund::NichtErreichbar,
    Fehlergrund::Zugang,
    Fehlergrund::Absender,
    Fehlergrund::Adresse,
    Fehlergrund::Nachricht,
    Fehlergrund::NichtDarstellbar,
    Fehlergrund::AnhangFehlt,
    Fehlergrund::AnhangZuGross,
    Fehlergrund::AnhangUnlesbar,
    Fehlergrund::AntwortFehlt,
    Fehlergrund::Abgebrochen,
];

#[test]
fn each_is_one_sentence_that_fits_what_follows() {
    for grund in GRUENDE {
        for folge in [Folge::Wiederholung, Folge::Aufgegeben, Folge::Ende] {
            let satz = grund.satz(folge);
            assert_eq!(satz.matches('.').count(), 1, "{satz}");
            assert!(satz.ends_with('.'), "{satz}");
            let goes_on = satz.contains("erneut versucht") || satz.contains("erneut gesendet");
            assert_eq!(goes_on, folge == Folge::Wiederholung, "{satz}");
            assert!(goes_on || satz.contains("bitte"), "{satz}");
            let used_up = satz.contains("aufgebraucht");
            assert_eq!(used_up, folge == Folge::Aufgegeben, "{satz}");
        }
    }
}

#[test]
fn nothing_is_called_refused_for_good_while_it_is_tried_again() {
    for grund in [
        Fehlergrund::Absender,
        Fehlergrund::Adresse,
        Fehlergrund::Nachricht,
    ] {
        assert!(grund.satz(Folge::Ende).contains("abgelehnt"));
        assert!(grund.satz(Folge::Wiederholung).contains("vorerst nicht"));
    }
}

#[test]
fn the_servers_words_follow_the_sentence() {
    let fehler = Fehler {
        art: Fehlerart::Voruebergehend,
        grund: Fehlergrund::Adresse,
        server: Some("450 4.2.1 busy".to_owned()),
        enhanced_code: None,
        anhang: None,
    };
    assert_eq!(
        fehler.meldung(Folge::Wiederholung),
        "Der Mailserver hat die Empfängeradresse vorerst nicht angenommen; der Versand wird \
         automatisch erneut versucht. Antwort des Servers: 450 4.2.1 busy"
    );
}

#[test]
fn the_attachment_at_fault_is_named() {
    let fehler = Fehler::of_anhang(
        Fehlerart::Endgueltig,
        Fehlergrund::AnhangFehlt,
        "Befund.pdf",
    );
    assert_eq!(
        fehler.meldung(Folge::Ende),
        "Die Datei eines Anhangs ist nicht mehr vorhanden; bitte die Datei wieder bereitstellen oder \
         den Anhang ersetzen und erneut senden. Anhang: Befund.pdf"
    );
}
