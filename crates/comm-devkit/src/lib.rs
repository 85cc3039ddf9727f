//! Private PostgreSQL, mail catcher and Kafka broker for development and tests.
//! Nothing here is ever linked into the product binary.

mod env;
mod place;
mod ports;

pub mod kafka;
pub mod page;
pub mod postgres;
pub mod process;
pub mod smtp;

pub use env::var as env_var;
pub use place::{FolderError, Place};
pub use ports::{bind_or_free, free_port};
