//! The stream under lettre's dialogue: makes up for what lettre does not forgive.

use lettre::transport::smtp::client::AsyncTokioStream;
use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// lettre waits for a greeting on every stream, and after STARTTLS a server does not repeat its own
/// (RFC 3207 4.2).
pub(crate) const GREETING: &[u8] = b"220 encrypted\r\n";

/// Bytes that one read may bring; replies are short.
const READ_SIZE: usize = 1024;

/// One connection, plain or encrypted.
#[derive(Debug)]
pub(crate) struct Wire<S> {
    stream: S,
    peer: SocketAddr,
    /// Read from the server, or made up, but not yet handed out.
    ready: Vec<u8>,
    /// Where in its line the last byte stands.
    column: usize,
    farewell: Farewell,
}

/// lettre says QUIT after a refusal and waits for the answer; a server that is silent then would turn the refusal
/// into a time-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Farewell {
    /// No mail has begun: what is written is a command.
    MayCome,
    /// QUIT was said, and nothing more is read.
    Said,
    /// A mail has begun: its words are its own.
    IsNotWatched,
}

impl<S> Wire<S> {
    /// `greeting` is read before anything that the server sends.
    pub(crate) fn new(stream: S, peer: SocketAddr, greeting: &[u8]) -> Self {
        Self {
            stream,
            peer,
            ready: greeting.to_vec(),
            column: 0,
            farewell: Farewell::MayCome,
        }
    }

    /// lettre writes each command at once.
    fn watch(&mut self, written: &[u8]) {
        if self.farewell == Farewell::MayCome {
            self.farewell = match written.get(..4) {
                Some(b"QUIT") => Farewell::Said,
                Some(b"MAIL") => Farewell::IsNotWatched,
                _ => Farewell::MayCome,
            };
        }
    }

    /// `250` without a space and a text is a reply (RFC 5321 4.2), but not to lettre.
    fn complete(&mut self, received: &[u8]) {
        for byte in received {
            if *byte == b'\r' && self.column == 3 {
                self.ready.push(b' ');
            }
            self.ready.push(*byte);
            self.column = if *byte == b'\n' { 0 } else { self.column + 1 };
        }
    }
}

/// Two handles to one socket.
pub(crate) fn twins(stream: TcpStream) -> io::Result<(TcpStream, TcpStream)> {
    let original = stream.into_std()?;
    let twin = TcpStream::from_std(original.try_clone()?)?;
    Ok((TcpStream::from_std(original)?, twin))
}

impl<S> AsyncTokioStream for Wire<S>
where
    S: AsyncRead + AsyncWrite + Send + Sync + Unpin + Debug,
{
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.farewell == Farewell::Said {
            return Poll::Ready(Ok(()));
        }
        if self.ready.is_empty() {
            let mut room = [0; READ_SIZE];
            let mut received = ReadBuf::new(&mut room);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut received))?;
            make_readable(received.filled_mut());
            self.complete(received.filled());
        }
        let count = buffer.remaining().min(self.ready.len());
        buffer.put_slice(self.ready.get(..count).unwrap_or_default());
        self.ready.drain(..count);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.watch(bytes);
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A reply in Latin-1 would count as a lost connection, and a refusal as a mail in doubt: lettre reads
/// UTF-8 only.
fn make_readable(received: &mut [u8]) {
    if std::str::from_utf8(received).is_err() {
        for byte in received.iter_mut().filter(|byte| !byte.is_ascii()) {
            *byte = b'?';
        }
    }
}
