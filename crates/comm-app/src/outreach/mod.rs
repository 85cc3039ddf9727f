//! The use cases of the outreach half.

mod attachments;
mod berichte;
mod bodies;
mod bulk;
mod emails;
mod event_requests;
mod kalender;
mod kontakte;
mod kontaktregeln;
mod last_contact;
pub mod nachverfolgung;
pub mod queue_status;
mod requests;
mod system_messages;
pub mod telefonanrufe;
mod therapeutenkontakte;
pub mod verzeichnis;
mod vorlagen;

pub use attachments::ShownAttachment;
pub use berichte::{
    Berichte, GesendeteEmail, STATISTIK_MAX_DAYS, Statistik, Tagesliste, Tageszeile,
};
pub use bulk::{BULK_MAX, BulkError};
pub use emails::{EmailSettings, Emails, ShownEmail};
pub use event_requests::{EventRequests, Expedited, Scheduled};
pub use kalender::{Anrufkalender, Feedtoken, GemachterFeed, Gilt, Kalenderblatt, Kalendertermin};
pub use kontakte::Kontakt;
pub use kontaktregeln::Regelwerk;
pub use last_contact::{LastContacts, PatientService};
pub use nachverfolgung::{FollowupSettings, Nachverfolgungen};
pub use queue_status::QueueStatus;
pub use requests::{Bodies, CreateEmail, GivenAttachment, Preview, UpdateEmail};
pub use system_messages::{SystemMessage, SystemMessageError, SystemMessages};
pub use telefonanrufe::{AnrufSettings, Telefonanrufe};
pub(crate) use therapeutenkontakte::KontakteSettings;
pub use therapeutenkontakte::{
    Anstehend, GezeigteSperre, KontaktierbarRequest, Kontaktierbarer, Kontaktverlauf, Regelstand,
    SIMULATION_MAX_IDS, Simulation, SimulationRequest, Simulierter, SperreRequest,
    Therapeutenkontakte, Wegbilanz,
};
pub use verzeichnis::{Auskunft, Directories, Stand, Verzeichnis, VerzeichnisSettings};
pub use vorlagen::{
    DatenError, DatenErrors, ShownVorlage, VORLAGE_LIST_MAX, VORLAGE_TEXT_MAX_CHARS, VorlageError,
    Vorlagen,
};
