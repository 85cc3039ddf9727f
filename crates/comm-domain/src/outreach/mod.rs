//! Writing to therapists and patients.

pub mod email;
pub mod empfaenger;
pub mod event;
pub mod grund;
pub mod inhalt;
pub mod status;
pub mod versand;

pub use email::{Deletion, Email, EmailError, EmailId, EmailPatch, EmailRecord, NewEmail, Patch};
pub use empfaenger::{Empfaenger, RecipientType};
pub use event::{EmailEvent, EmailEventKind};
pub use grund::Grund;
pub use inhalt::{Inhalt, Source};
pub use status::{EmailStatus, ErgebnisArt, Fehlerart};
pub use versand::{Fehler, Fehlergrund, Outcome};
