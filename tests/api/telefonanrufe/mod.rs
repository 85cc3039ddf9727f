//! Phone calls and telephone hours (contract, 'Telefonanruf', 'Telephone hours', 'Slot finding'), one file per theme.

mod bad_input;
mod booking;
mod create;
mod delete;
mod directory;
mod edit;
mod erreichbarkeit;
mod events;
mod kalender;
mod list;
mod made;
mod once;
mod pruefen;
mod retries;
mod slots;
mod states;
mod statistik;
pub(crate) mod support;
mod tagesliste;
