//! Contact rules (contract, 'Contact rules'), one file per theme.

mod calls;
mod mails;
mod races;
mod support;
