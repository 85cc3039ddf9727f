//! Writing to and calling therapists and patients.

pub mod anhang;
pub mod anrufwunsch;
pub mod email;
pub mod empfaenger;
pub mod erreichbarkeit;
pub mod event;
pub mod grund;
pub mod inhalt;
pub mod kalender;
pub mod kontaktregeln;
pub mod letzter_kontakt;
pub mod nachverfolgung;
pub mod patch;
pub mod planungsgrund;
pub mod spelling;
pub mod status;
pub mod telefonanruf;
pub mod terminsuche;
pub mod uhrzeit;
pub mod versand;
pub mod versuchsplan;
#[cfg(feature = "serde")]
mod wire;
pub mod zeitfenster;

pub use anhang::{Anhaenge, Anhang, AnhangError, AnhangWunsch, Inhaltsbytes, NewAnhang, Quelle};
pub use anrufwunsch::{Anrufwunsch, AnrufwunschError, RawAnrufwunsch};
pub use email::{Deletion, Email, EmailError, EmailId, EmailPatch, EmailRecord, NewEmail};
pub use empfaenger::{Empfaenger, RecipientType};
pub use erreichbarkeit::{Angabe, AngabeError, AngabeErrors, Erreichbarkeit};
pub use event::{EmailEvent, EmailEventKind};
pub use grund::Grund;
pub use inhalt::{Inhalt, Source};
pub use kalender::{Bundesland, Feiertag, Gemeinde, Kalender};
pub use kontaktregeln::{
    Durchsetzung, Kontakterlaubnis, Kontakthindernis, Kontaktregeln, Kontaktsperre, Kontaktstand,
    Kontaktweg,
};
pub use letzter_kontakt::LetzterKontakt;
pub use patch::Patch;
pub use planungsgrund::{Herkunft, Planungsgrund, Vorgaenger};
pub use status::{EmailStatus, ErgebnisArt, Fehlerart, TelefonanrufStatus};
pub use telefonanruf::{
    Dauer, Erledigt, Moment, NewTelefonanruf, Telefonanruf, TelefonanrufError, TelefonanrufEvent,
    TelefonanrufEventKind, TelefonanrufId, TelefonanrufPatch, TelefonanrufRecord, Termin,
};
pub use terminsuche::{TerminError, Terminplan, Terminsuche};
pub use uhrzeit::Uhrzeit;
pub use versand::{Fehler, Fehlergrund, Folge, Outcome};
pub use versuchsplan::{UnusablePausen, Versuchsplan};
pub use zeitfenster::Zeitfenster;
