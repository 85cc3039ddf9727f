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
}

impl Fehler {
    /// An email whose outcome nobody knows.
    pub fn in_doubt(grund: Fehlergrund) -> Self {
        Self {
            art: Fehlerart::AusgangUnklar,
            grund,
            server: None,
            enhanced_code: None,
        }
    }

    /// `fehlermeldung`: one German sentence that a clerk can act on, then the server's words.
    pub fn meldung(&self) -> String {
        match &self.server {
            Some(words) => format!("{} Antwort des Servers: {words}", self.grund.satz()),
            None => self.grund.satz().to_owned(),
        }
    }
}

/// What went wrong at an attempt. Each has one sentence for the staff.
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
    /// Handed over, but the server's answer never came.
    AntwortFehlt,
    /// The instance that was sending it ended or lost its lease.
    Abgebrochen,
}

impl Fehlergrund {
    /// The sentence for the staff.
    pub fn satz(self) -> &'static str {
        match self {
            Self::NichtErreichbar => {
                "Der Mailserver war nicht erreichbar; bitte später erneut senden."
            }
            Self::Zugang => {
                "Der Mailserver hat die Verbindung nicht angenommen; bitte die Einstellungen für den Versand prüfen."
            }
            Self::Absender => {
                "Der Mailserver hat die Absenderadresse abgelehnt; bitte den Absender prüfen."
            }
            Self::Adresse => {
                "Der Mailserver hat die Empfängeradresse abgelehnt; bitte die Adresse prüfen."
            }
            Self::Nachricht => {
                "Der Mailserver hat die Nachricht abgelehnt; bitte Betreff und Inhalt prüfen."
            }
            Self::NichtDarstellbar => {
                "Aus dieser E-Mail ließ sich keine gültige Nachricht bilden; bitte Empfänger, Absender und Betreff prüfen."
            }
            Self::AntwortFehlt => {
                "Die Nachricht wurde übergeben, aber die Bestätigung des Mailservers fehlt; bitte klären, ob sie angekommen ist."
            }
            Self::Abgebrochen => {
                "Der Versand wurde unterbrochen, während die E-Mail unterwegs war; bitte klären, ob sie angekommen ist."
            }
        }
    }
}
