//! Writing to and calling therapists and patients.

pub mod email;
pub mod empfaenger;
pub mod erreichbarkeit;
pub mod event;
pub mod grund;
pub mod inhalt;
pub mod kalender;
pub mod status;
pub mod terminsuche;
pub mod uhrzeit;
pub mod versand;
#[cfg(feature = "serde")]
mod wire;
pub mod zeitfenster;

pub use email::{Deletion, Email, EmailError, EmailId, EmailPatch, EmailRecord, NewEmail, Patch};
pub use empfaenger::{Empfaenger, RecipientType};
pub use erreichbarkeit::{Angabe, AngabeError, AngabeErrors, Erreichbarkeit};
pub use event::{EmailEvent, EmailEventKind};
pub use grund::Grund;
pub use inhalt::{Inhalt, Source};
pub use kalender::{Bundesland, Feiertag, Gemeinde, Kalender};
pub use status::{EmailStatus, ErgebnisArt, Fehlerart};
pub use terminsuche::{Termin, TerminError, Terminplan, Terminsuche};
pub use uhrzeit::Uhrzeit;
pub use versand::{Fehler, Fehlergrund, Outcome};
pub use zeitfenster::Zeitfenster;
