//! The contacts of therapists and the rules for them (contract, 'Contact rules'), one file per route.

mod kontaktsperre;
mod support;
