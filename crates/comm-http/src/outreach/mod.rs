//! The outreach half over HTTP.

pub(crate) mod attachment_body;
pub(crate) mod attachments;
pub(crate) mod bulk;
pub(crate) mod email_answer;
pub(crate) mod email_body;
pub(crate) mod email_list;
pub(crate) mod emails;
pub(crate) mod fields;
pub(crate) mod list_answer;
pub(crate) mod queue_status;
pub(crate) mod system_messages;
pub(crate) mod values;
pub(crate) mod vorlagen;
