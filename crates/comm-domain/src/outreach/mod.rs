//! Writing to therapists and patients.

pub mod email;
pub mod empfaenger;
pub mod event;
pub mod grund;
pub mod inhalt;
pub mod kontaktregeln;
pub mod letzter_kontakt;
pub mod nachverfolgung;
pub mod patch;
pub mod status;
pub mod telefonanruf;
pub mod versand;

pub use email::{Deletion, Email, EmailError, EmailId, EmailPatch, EmailRecord, NewEmail};
pub use empfaenger::{Empfaenger, RecipientType};
pub use event::{EmailEvent, EmailEventKind};
pub use grund::Grund;
pub use inhalt::{Inhalt, Source};
pub use kontaktregeln::{Durchsetzung, Kontakterlaubnis, Kontaktregeln, Kontaktstand};
pub use letzter_kontakt::LetzterKontakt;
pub use patch::Patch;
pub use status::{EmailStatus, ErgebnisArt, Fehlerart, TelefonanrufStatus};
pub use telefonanruf::{
    NewTelefonanruf, Telefonanruf, TelefonanrufError, TelefonanrufEvent, TelefonanrufEventKind,
    TelefonanrufId, TelefonanrufPatch, TelefonanrufRecord,
};
pub use versand::{Fehler, Fehlergrund, Outcome};
