//! The outreach half over HTTP.

pub(crate) mod attachment_body;
pub(crate) mod attachments;
pub(crate) mod bulk;
pub(crate) mod email_answer;
pub(crate) mod email_body;
pub(crate) mod email_list;
pub(crate) mod emails;
pub(crate) mod erreichbarkeit;
pub(crate) mod erreichbarkeit_answer;
pub(crate) mod fields;
pub(crate) mod kalender;
pub(crate) mod kalender_feeds;
mod kontaktwarnung;
pub(crate) mod list_answer;
pub(crate) mod pruefung;
pub(crate) mod queue_status;
pub(crate) mod slots;
pub(crate) mod statistik;
pub(crate) mod system_messages;
pub(crate) mod tagesliste;
pub(crate) mod telefonanruf_answer;
pub(crate) mod telefonanruf_body;
pub(crate) mod telefonanruf_list;
pub(crate) mod telefonanrufe;
pub(crate) mod termin;
pub(crate) mod values;
pub(crate) mod vorlagen;
