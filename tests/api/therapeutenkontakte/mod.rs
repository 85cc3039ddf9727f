//! What the staff reads and decides about the contacts of therapists (contract, 'Contact rules'), one file per route.

mod kontakte;
mod kontaktierbar;
mod kontaktsperre;
mod simulation;
mod support;
