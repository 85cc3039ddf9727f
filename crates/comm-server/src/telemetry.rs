//! The log.

use crate::settings::{LogFormat, LogSettings};
use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// Starts logging to standard error.
///
/// # Errors
/// A filter that cannot be read.
pub(crate) fn start(settings: &LogSettings) -> Result<(), ParseError> {
    let filter = filter(settings)?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    match settings.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

/// What is logged.
///
/// # Errors
/// Directives that cannot be read.
pub(crate) fn filter(settings: &LogSettings) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(&settings.filter)
}
