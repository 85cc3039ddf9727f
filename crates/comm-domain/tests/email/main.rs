//! What an email is and what may happen to it (contract, 'Email'), and properties that always hold.
#![expect(
    clippy::unwrap_used,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

mod anhaenge;
mod answers;
mod attempts;
mod creation;
mod deletion;
mod edit;
mod kontakt;
mod properties;
mod retries;
mod sentences;
mod support;
mod transitions;
