//! The tables of the outreach half.

pub(crate) mod anhang;
pub(crate) mod anrufwunsch;
pub(crate) mod duties;
pub(crate) mod email_list;
pub(crate) mod email_queue;
pub(crate) mod email_row;
pub(crate) mod email_turn;
pub(crate) mod email_write;
pub(crate) mod keys;
mod store;
pub(crate) mod throttle;
