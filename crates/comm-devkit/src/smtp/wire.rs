//! Lines and messages over a connection: buffered reading, one write for all replies that are due.

use smtp_proto::request::receiver::DataReceiver;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// Bytes that one read may bring.
const READ_SIZE: usize = 32 * 1024;
/// Longest line that is accepted, in bytes (twice what RFC 4954 4. asks for AUTH).
const LINE_MAX: usize = 24 * 1024;

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// One connection of a client.
pub(super) struct Wire {
    stream: Box<dyn Duplex>,
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            input: Vec::with_capacity(READ_SIZE),
            output: Vec::with_capacity(512),
        }
    }

    /// The same connection, encrypted from here on. What the client sent too early is dropped
    /// (RFC 3207 4.2).
    pub(super) async fn encrypt(&mut self, config: &Arc<ServerConfig>) -> io::Result<()> {
        self.flush().await?;
        self.input.clear();
        let plain = std::mem::replace(&mut self.stream, Box::new(tokio::io::empty()));
        let encrypted = TlsAcceptor::from(Arc::clone(config)).accept(plain).await?;
        self.stream = Box::new(encrypted);
        Ok(())
    }

    /// Queues a reply; several lines of `text` are separated by `\n`.
    pub(super) fn reply(&mut self, code: u16, text: &str) {
        let mut lines = text.split('\n').peekable();
        while let Some(line) = lines.next() {
            let separator = if lines.peek().is_some() { '-' } else { ' ' };
            self.line(&format!("{code}{separator}{line}"));
        }
    }

    /// Queues a line as it is.
    pub(super) fn line(&mut self, line: &str) {
        self.output.extend_from_slice(line.as_bytes());
        self.output.extend_from_slice(b"\r\n");
    }

    /// Sends what is queued.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        if !self.output.is_empty() {
            self.stream.write_all(&self.output).await?;
            self.stream.flush().await?;
            self.output.clear();
        }
        Ok(())
    }

    /// Moves the next line, with its end, into `line`.
    pub(super) async fn read_line(&mut self, line: &mut Vec<u8>) -> io::Result<()> {
        line.clear();
        loop {
            if let Some(end) = self.input.iter().position(|byte| *byte == b'\n') {
                line.extend(self.input.drain(..=end));
                return Ok(());
            }
            if self.input.len() > LINE_MAX {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.fill().await?;
        }
    }

    /// Reads a message up to its final dot into `message`, without the doubled dots.
    pub(super) async fn read_message(&mut self, message: &mut Vec<u8>) -> io::Result<()> {
        let mut receiver = DataReceiver::new();
        // The receiver only sees a dot after a line end, and the line end before the first dot was
        // that of the DATA command.
        receiver.ingest(&mut b"\r\n".iter(), message);
        message.clear();
        loop {
            let mut bytes = self.input.iter();
            let done = receiver.ingest(&mut bytes, message);
            let rest = bytes.len();
            self.input.drain(..self.input.len() - rest);
            if done {
                return Ok(());
            }
            self.fill().await?;
        }
    }

    /// Swallows everything until the client leaves.
    pub(super) async fn ignore(&mut self) -> io::Result<Infallible> {
        self.flush().await?;
        loop {
            self.input.clear();
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> io::Result<()> {
        self.flush().await?;
        self.input.reserve(READ_SIZE);
        match self.stream.read_buf(&mut self.input).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}
