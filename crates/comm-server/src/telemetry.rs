//! The log.

use crate::settings::{LogFormat, LogSettings};
use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{Directive, ParseError};

/// Libraries that log statement parameters, bodies of mails or whole requests below this level. They stand
/// behind the configured directives, so that `debug` does not bring personal data into the log.
const NEVER_BELOW: [&str; 4] = [
    "tokio_postgres=info",
    "html5ever=info",
    "actix_http=info",
    "lettre=info",
];

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

/// Whether these are directives of `EnvFilter`.
pub(crate) fn is_filter(directives: &str) -> bool {
    EnvFilter::builder().parse(directives).is_ok()
}

/// What is logged.
///
/// # Errors
/// Directives that cannot be read.
fn filter(settings: &LogSettings) -> Result<EnvFilter, ParseError> {
    let configured = EnvFilter::builder().parse(&settings.filter)?;
    NEVER_BELOW
        .iter()
        .try_fold(configured, |filter, directive| {
            Ok(filter.add_directive(directive.parse::<Directive>()?))
        })
}
