//! An SMTP server inside the process: it catches mails in development, plays a script in tests and is
//! the sink of the benchmark. What a mail looks like as a page does not live here.

mod options;
mod record;
mod script;
mod server;
mod session;
mod wire;

pub use options::{AfterMail, Credentials, Encryption, Record, SmtpOptions};
pub use record::{Connections, ReceivedMail, WaitError};
pub use script::{Action, Context, Script, Stage};
pub use server::SmtpServer;

#[cfg(test)]
mod tests;
