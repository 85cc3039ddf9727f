//! The outreach half over HTTP.

pub(crate) mod attachment_body;
pub(crate) mod attachments;
pub(crate) mod email_answer;
pub(crate) mod email_body;
pub(crate) mod emails;
pub(crate) mod values;
pub(crate) mod vorlagen;
