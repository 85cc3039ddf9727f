//! The sentences for the staff that answers about calls carry as `hinweise`, and those of every [`Grund`].

use chrono::{DateTime, Timelike, Utc};
use comm_domain::Zeitzone;
use comm_domain::outreach::telefonanruf::Hinweis;
use comm_domain::outreach::{AngabeError, Grund, Termin};
use std::fmt;

/// A German sentence for the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Satz(String);

impl Satz {
    /// As it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A call was booked although this speaks against its time.
    pub(super) fn trotz(grund: Grund) -> Self {
        Self(satz(grund).to_owned())
    }

    /// The time lies further ahead than slots are looked for.
    pub(super) fn jenseits_des_horizonts(tage: u16) -> Self {
        Self(format!(
            "Der Termin liegt mehr als {tage} Tage in der Zukunft."
        ))
    }

    /// The time that was asked for was taken, so the call was booked at another one.
    pub(super) fn verschoben(gewuenscht: Termin, gebucht: Termin) -> Self {
        let zeit = |termin: Termin| termin.zeit().format("%H:%M").to_string();
        Self(format!(
            "Um {} Uhr ist bereits ein Anruf geplant; gebucht wurde der nächste freie Termin um {} Uhr.",
            zeit(gewuenscht),
            zeit(gebucht)
        ))
    }

    /// The time is none that a search would offer.
    pub(super) fn off_grid(termin: Termin) -> Option<Self> {
        let on_grid = termin.zeit().minute().is_multiple_of(5);
        let words = "Der Termin liegt nicht im Raster von 5 Minuten.";
        (!on_grid).then(|| Self(words.to_owned()))
    }

    /// The directory does not answer; what it said at that time was used.
    pub(super) fn kopie(vom: DateTime<Utc>, zone: Zeitzone) -> Self {
        Self(format!(
            "Das Verzeichnis ist nicht erreichbar; verwendet wurden die Angaben vom {}.",
            zone.wall_clock(vom).format("%d.%m.%Y, %H:%M Uhr")
        ))
    }

    /// The directory does not answer, and nothing is known of the person.
    pub(super) fn verzeichnis_fehlt() -> Self {
        Self::trotz(Grund::VerzeichnisNichtErreichbar)
    }

    /// A part of the stated telephone hours cannot be read.
    pub(super) fn unlesbar(fehler: &AngabeError) -> Self {
        Self(format!(
            "Ein Teil der angegebenen Telefonzeiten ist nicht lesbar: {fehler}"
        ))
    }
}

impl fmt::Display for Satz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Hinweis> for Satz {
    fn from(hinweis: Hinweis) -> Self {
        let words = match hinweis {
            Hinweis::TatsaechlichesDatumInZukunft => "Das tatsächliche Datum liegt in der Zukunft.",
            Hinweis::TatsaechlicheZeitInZukunft => "Die tatsächliche Zeit liegt in der Zukunft.",
        };
        Self(words.to_owned())
    }
}

/// Every reason in a sentence for the staff.
pub fn satz(grund: Grund) -> &'static str {
    match grund {
        Grund::AusserhalbDerZeiten => "Der Termin liegt außerhalb der Telefonzeiten.",
        Grund::Belegt => "Zu dieser Zeit ist bereits ein Anruf geplant.",
        Grund::Feiertag => "An diesem Tag ist ein gesetzlicher Feiertag.",
        Grund::Geschlossen => "An diesem Tag ist das Büro geschlossen.",
        Grund::Vorlauf => "Der Termin liegt in der Vergangenheit oder innerhalb der Vorlaufzeit.",
        Grund::KeinPlatz => "Zu dieser Zeit ist kein Platz für einen weiteren Anruf frei.",
        Grund::Wochenfrist => "Vor weniger als 7 Tagen ging bereits eine E-Mail an diese Praxis.",
        Grund::Sperrfrist => "Nach einer Absage wird vier Wochen lang kein Kontakt aufgenommen.",
        Grund::Gesperrt => "Diese Praxis ist von Hand gesperrt.",
        Grund::KeineAngabe => "Es sind keine Telefonzeiten angegeben.",
        Grund::BereitsBeantwortet => "Die Anfrage wurde bereits beantwortet.",
        Grund::Abgeschaltet => "Die Nachverfolgung ist abgeschaltet.",
        Grund::ZuAlt => "Die E-Mail ist zu alt, um ihr noch nachzugehen.",
        Grund::VersucheErschoepft => "Alle vorgesehenen Versuche sind gemacht.",
        Grund::VerzeichnisNichtErreichbar => {
            "Das Verzeichnis ist nicht erreichbar, und es gibt keine frühere Auskunft."
        }
    }
}
