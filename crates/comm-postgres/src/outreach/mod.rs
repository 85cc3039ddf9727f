//! The tables of the outreach half.

pub(crate) mod anhang;
pub(crate) mod anrufwunsch;
pub(crate) mod births;
mod counting;
pub(crate) mod duties;
pub(crate) mod email_insert;
pub(crate) mod email_list;
pub(crate) mod email_queue;
pub(crate) mod email_row;
mod email_search;
mod email_total;
pub(crate) mod email_turn;
pub(crate) mod email_write;
mod erreichbarkeit;
pub(crate) mod keys;
pub(crate) mod kontaktstand;
mod kopien;
mod monitor;
pub(crate) mod plaetze;
mod store;
pub(crate) mod telefonanruf_list;
pub(crate) mod telefonanruf_row;
mod telefonanruf_store;
pub(crate) mod telefonanruf_write;
pub(crate) mod throttle;
