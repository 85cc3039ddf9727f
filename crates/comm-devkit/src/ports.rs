//! TCP ports on the loopback interface.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// A port that was free a moment ago.
///
/// Another program may take it before it is used, so a server that cannot bind it is started
/// again with a new one.
///
/// # Errors
/// When the system has no free port.
pub fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// Listens on `wanted`, or on any free port if that one is taken.
///
/// # Errors
/// When the system has no free port.
pub fn bind_or_free(wanted: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, wanted))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
}
