//! The tables of the outreach half.

pub(crate) mod anhang;
pub(crate) mod anrufwunsch;
pub(crate) mod births;
pub(crate) mod duties;
pub(crate) mod email_insert;
pub(crate) mod email_list;
pub(crate) mod email_queue;
pub(crate) mod email_row;
mod email_search;
mod email_total;
pub(crate) mod email_turn;
pub(crate) mod email_write;
pub(crate) mod keys;
mod kopien;
mod monitor;
mod store;
pub(crate) mod throttle;
