//! SMTP: MIME messages and a dialogue driven stage by stage, so that it is always known whether a mail
//! may have left. When a mail is sent again is not decided here.

mod config;
mod connection;
mod dkim;
mod message;
mod pool;
mod server;
mod stage;
mod tls;
mod transport;
mod wire;
mod words;

pub use config::{SmtpConfig, SmtpConfigError, Timeouts, TlsMode};
pub use dkim::{DkimAlgorithm, DkimConfig, DkimKeyError};
pub use transport::SmtpTransport;
