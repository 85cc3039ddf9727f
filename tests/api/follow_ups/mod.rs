//! Following up silence (contract, 'Follow-up automation'), one file per theme.

mod answers;
mod decisions;
mod order;
mod run;
mod sharing;
pub(crate) mod support;
