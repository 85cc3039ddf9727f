//! What one attempt to send came to, and the sentence that a clerk reads about it.

use super::status::Fehlerart;

/// How an attempt to send one email ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server answered 250 after the final dot.
    Accepted,
    /// The attempt failed, or nobody knows; [`Fehler::art`] says which.
    Failed(Fehler),
    /// The attempt was called off before the server had said 354: nothing has left.
    CalledOff,
}

/// Why an attempt did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fehler {
    /// Whether it may work later, never, or whether the mail may have arrived.
    pub art: Fehlerart,
    /// What happened, in a form that has a sentence for the staff.
    pub grund: Fehlergrund,
    /// The server's words, if it said anything.
    pub server: Option<String>,
    /// The enhanced status code of the reply (RFC 3463), for example `5.1.1`.
    pub enhanced_code: Option<String>,
    /// The file name of the attachment at fault.
    pub anhang: Option<String>,
}

impl Fehler {
    /// An email whose outcome nobody knows.
    pub fn in_doubt(grund: Fehlergrund) -> Self {
        Self {
            art: Fehlerart::AusgangUnklar,
            grund,
            server: None,
            enhanced_code: None,
            anhang: None,
        }
    }

    /// An email whose attachment cannot be sent along, and that is therefore not sent.
    pub fn of_anhang(art: Fehlerart, grund: Fehlergrund, filename: &str) -> Self {
        Self {
            art,
            grund,
            server: None,
            enhanced_code: None,
            anhang: Some(filename.to_owned()),
        }
    }

    /// Whether our own set-up is at fault and not this email: it waits, and no attempt is counted.
    pub fn blames_the_set_up(&self) -> bool {
        self.art == Fehlerart::Voruebergehend && self.grund == Fehlergrund::Zugang
    }

    /// `fehlermeldung`: one German sentence that a clerk can act on, then the server's words or
    /// the attachment at fault.
    pub fn meldung(&self, folge: Folge) -> String {
        let satz = self.grund.satz(folge);
        match (&self.server, &self.anhang) {
            (Some(words), _) => format!("{satz} Antwort des Servers: {words}"),
            (None, Some(filename)) => format!("{satz} Anhang: {filename}"),
            (None, None) => satz,
        }
    }
}

/// What follows from a failed attempt, as far as the sentence for the staff is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folge {
    /// It is tried again by itself.
    Wiederholung,
    /// It was tried as often as it is to be tried.
    Aufgegeben,
    /// It is never tried again by itself.
    Ende,
}

/// What went wrong at an attempt. Each has its sentences for the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fehlergrund {
    /// No connection, or it was lost before the mail was handed over.
    NichtErreichbar,
    /// The server did not let us in: greeting, EHLO, STARTTLS or AUTH.
    Zugang,
    /// The sender's address was refused (MAIL).
    Absender,
    /// The recipient's address was refused (RCPT).
    Adresse,
    /// The message itself was refused (DATA or after the final dot).
    Nachricht,
    /// The message could not be built from the stored email.
    NichtDarstellbar,
    /// The file of an attachment is not there any more.
    AnhangFehlt,
    /// The attachments have become too large.
    AnhangZuGross,
    /// An attachment cannot be read at the moment.
    AnhangUnlesbar,
    /// Handed over, but the server's answer never came.
    AntwortFehlt,
    /// The instance that was sending it ended or lost its lease.
    Abgebrochen,
}

impl Fehlergrund {
    /// The sentence for the staff: what happened, and what happens or is to be done now.
    pub fn satz(self, folge: Folge) -> String {
        let was = match folge {
            Folge::Ende => self.was(),
            Folge::Wiederholung | Folge::Aufgegeben => self.was_vorerst(),
        };
        match folge {
            Folge::Ende => format!("{was}; {}.", self.rat()),
            Folge::Wiederholung => format!("{was}; {}.", self.wiederholung()),
            Folge::Aufgegeben => {
                format!("{was}; alle Versuche sind aufgebraucht, {}.", self.rat())
            }
        }
    }

    fn was(self) -> &'static str {
        match self {
            Self::NichtErreichbar => "Der Mailserver war nicht erreichbar",
            Self::Zugang => "Der Mailserver hat die Verbindung nicht angenommen",
            Self::Absender => "Der Mailserver hat die Absenderadresse abgelehnt",
            Self::Adresse => "Der Mailserver hat die Empfängeradresse abgelehnt",
            Self::Nachricht => "Der Mailserver hat die Nachricht abgelehnt",
            Self::NichtDarstellbar => {
                "Aus dieser E-Mail ließ sich keine gültige Nachricht erzeugen"
            }
            Self::AnhangFehlt => "Die Datei eines Anhangs ist nicht mehr vorhanden",
            Self::AnhangZuGross => "Die Anhänge sind zusammen größer als 10 MiB",
            Self::AnhangUnlesbar => "Ein Anhang ließ sich nicht lesen",
            Self::AntwortFehlt => {
                "Die Nachricht wurde übergeben, aber die Bestätigung des Mailservers fehlt"
            }
            Self::Abgebrochen => "Der Versand wurde unterbrochen, während die E-Mail unterwegs war",
        }
    }

    /// What is refused for the moment is not refused for good.
    fn was_vorerst(self) -> &'static str {
        match self {
            Self::Absender => "Der Mailserver hat die Absenderadresse vorerst nicht angenommen",
            Self::Adresse => "Der Mailserver hat die Empfängeradresse vorerst nicht angenommen",
            Self::Nachricht => "Der Mailserver hat die Nachricht vorerst nicht angenommen",
            _ => self.was(),
        }
    }

    fn wiederholung(self) -> &'static str {
        match self {
            Self::Zugang => {
                "der Versand wird jede Minute erneut versucht, bitte die Einstellungen für den Versand prüfen"
            }
            Self::Abgebrochen => {
                "sie wird automatisch erneut gesendet und kann dadurch doppelt ankommen"
            }
            _ => "der Versand wird automatisch erneut versucht",
        }
    }

    fn rat(self) -> &'static str {
        match self {
            Self::NichtErreichbar => "bitte später erneut senden",
            Self::Zugang => "bitte die Einstellungen für den Versand prüfen",
            Self::Absender => "bitte den Absender prüfen",
            Self::Adresse => "bitte die Adresse prüfen",
            Self::Nachricht => "bitte Betreff und Inhalt prüfen",
            Self::NichtDarstellbar => "bitte Empfänger, Absender und Betreff prüfen",
            Self::AnhangFehlt => {
                "bitte die Datei wieder bereitstellen oder den Anhang ersetzen und erneut senden"
            }
            Self::AnhangZuGross => "bitte den Anhang verkleinern oder ersetzen und erneut senden",
            Self::AnhangUnlesbar => "bitte die Ablage der Anhänge prüfen und erneut senden",
            Self::AntwortFehlt | Self::Abgebrochen => "bitte klären, ob sie angekommen ist",
        }
    }
}
