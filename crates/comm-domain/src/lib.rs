//! What a communication is and what may happen to it: types and rules, no I/O, no clock, no async.
//!
//! Every transition consumes the old state and returns a [`Change`]: the new state together with the
//! events that report it, so that no caller can store one without the other.

pub mod change;
pub mod field;
pub mod kontakt;
pub mod outreach;
pub mod telefonnummer;
pub mod timestamp;
pub mod zeitzone;

pub use change::{Aggregate, Change, Deletion};
pub use field::FieldError;
pub use kontakt::{EmailAddress, Mailbox};
pub use telefonnummer::tel_uri;
pub use zeitzone::Zeitzone;

/// The program in the README is compiled and run with the other examples.
#[cfg(all(doctest, feature = "serde"))]
#[doc = include_str!("../README.md")]
struct Readme;
