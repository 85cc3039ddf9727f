//! The tables of the outreach half.

pub(crate) mod anrufwunsch;
pub(crate) mod email_list;
pub(crate) mod email_queue;
pub(crate) mod email_row;
pub(crate) mod email_write;
mod store;
pub(crate) mod throttle;
