//! What stands in calendars, in the words of the staff. Personal data only as in the list of the day; no free text,
//! which may say more than a calendar should know.

use super::super::kontakte::Kontakt;
use chrono::NaiveDate;
use comm_domain::outreach::{Empfaenger, Planungsgrund, TelefonanrufStatus};
use comm_domain::tel_uri;
use comm_ports::outreach::{Kalenderanruf, Kalenderstand};

/// The name of a feed.
pub(super) fn name(bearbeiter: Option<&str>) -> String {
    match bearbeiter {
        Some(wer) => format!("Telefonanrufe: {wer}"),
        None => "Telefonanrufe".to_owned(),
    }
}

/// The title of a call: what is to be done, or what became of it, and whom it is about.
pub(super) fn titel(anruf: &Kalenderanruf, kontakt: &Kontakt) -> String {
    let was = match anruf.stand {
        Kalenderstand::Status(TelefonanrufStatus::Geplant) => "Anruf",
        Kalenderstand::Status(TelefonanrufStatus::Abgeschlossen) => "Erledigt",
        Kalenderstand::Status(TelefonanrufStatus::Fehlgeschlagen) => "Fehlgeschlagen",
        Kalenderstand::Status(TelefonanrufStatus::Abgebrochen) | Kalenderstand::Geloescht => {
            "Abgesagt"
        }
    };
    format!("{was}: {}", wer(anruf.empfaenger, kontakt))
}

fn wer(empfaenger: Empfaenger, kontakt: &Kontakt) -> String {
    match (&kontakt.name, empfaenger) {
        (Some(name), _) => name.clone(),
        (None, Empfaenger::Therapeut(id)) => format!("Therapeut/in {id}"),
        (None, Empfaenger::Patient(id)) => format!("Patient/in {id}"),
    }
}

/// The lines below the title. `emails` are the days on which the emails were sent that the call follows up.
pub(super) fn beschreibung(
    anruf: &Kalenderanruf,
    kontakt: &Kontakt,
    emails: &[NaiveDate],
) -> String {
    let lines = [
        kontakt.telefon.as_deref().map(telefon),
        Some(format!("Versuch {}", anruf.herkunft.versuch)),
        Some(anlass(anruf.herkunft.grund()).to_owned()),
        (!emails.is_empty()).then(|| format!("E-Mail vom {}", tage(emails))),
        anruf
            .therapeutenanfrage_id
            .map(|id| format!("Therapeutenanfrage {id}")),
        anruf
            .bearbeiter
            .as_ref()
            .map(|wer| format!("Bearbeitung: {wer}")),
    ];
    let lines: Vec<String> = lines.into_iter().flatten().collect();
    lines.join("\n")
}

fn telefon(nummer: &str) -> String {
    match tel_uri(nummer) {
        Some(uri) => format!("Telefon: {nummer} ({uri})"),
        None => format!("Telefon: {nummer}"),
    }
}

fn anlass(grund: Planungsgrund) -> &'static str {
    match grund {
        Planungsgrund::Anforderung => "Angeforderter Anruf",
        Planungsgrund::Nachverfolgung => "Nachfrage zu unbeantworteten E-Mails",
        Planungsgrund::Wiederholung => "Erneuter Versuch",
        Planungsgrund::Rueckruf => "Vereinbarter Rückruf",
    }
}

fn tage(tage: &[NaiveDate]) -> String {
    let tage: Vec<String> = tage
        .iter()
        .map(|tag| tag.format("%d.%m.%Y").to_string())
        .collect();
    tage.join(", ")
}
