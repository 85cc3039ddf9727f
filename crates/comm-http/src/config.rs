//! Settings of the API (section `http`).

use serde::Deserialize;
use std::net::IpAddr;

/// Where the API listens and whom it serves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on.
    pub port: u16,
    /// Whether it may listen on an address that other machines reach, though there is no
    /// authentication yet.
    pub allow_open: bool,
    /// Threads that serve requests; 0: one per core.
    pub workers: usize,
    /// Origins, comma-separated, whose pages may call the API; `*` for any.
    pub cors_allowed_origins: String,
}
