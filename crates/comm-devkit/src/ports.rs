//! TCP ports on the loopback interface.

use std::io;
use std::iter::repeat_with;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::RangeInclusive;
use uuid::Uuid;

/// Below those that systems give to outgoing connections: one of them would take the port of a server that is stopped
/// for a while.
const PORTS: RangeInclusive<u16> = 12_000..=32_000;
/// How many are tried.
const TRIES: usize = 1000;

/// A port that was free a moment ago.
///
/// Another program may take it before it is used, so a server that cannot bind it is started
/// again with a new one.
///
/// # Errors
/// When none is found that is free.
pub fn free_port() -> io::Result<u16> {
    repeat_with(any_port)
        .take(TRIES)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| io::Error::other("no port is free"))
}

fn any_port() -> u16 {
    let [first, second, ..] = Uuid::new_v4().into_bytes();
    let count = PORTS.end() - PORTS.start() + 1;
    PORTS.start() + u16::from_be_bytes([first, second]) % count
}

/// Listens on `wanted`, or on any free port if that one is taken.
///
/// # Errors
/// When the system has no free port.
pub fn bind_or_free(wanted: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, wanted))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
}
