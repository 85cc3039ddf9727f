//! Messages of PostgreSQL's protocol, version 3: where each ends, and the few kinds that matter here.

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

/// Longer ones are no messages of a test.
const LONGEST: usize = 64 << 20;
/// What asks for TLS, and for GSSAPI.
const ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];

/// A message with the byte that names its kind.
pub(super) struct Message(Vec<u8>);

impl Message {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn kind(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Of a client: a simple query, or the execution of a prepared statement.
    pub(super) fn executes(&self) -> bool {
        matches!(self.kind(), Some(b'Q' | b'E'))
    }

    /// Of a client: the server answers it with [`Self::is_ready`], whatever stood before it.
    pub(super) fn ends_a_round(&self) -> bool {
        matches!(self.kind(), Some(b'Q' | b'S'))
    }

    /// Of a server: it waits for the next query.
    pub(super) fn is_ready(&self) -> bool {
        self.kind() == Some(b'Z')
    }
}

/// The messages that come over one direction of a connection.
pub(super) struct Messages<R>(BufReader<R>);

impl<R: AsyncRead + Unpin> Messages<R> {
    /// Behind the first message of a client ([`start`]).
    pub(super) fn of(from: R) -> Self {
        Self(BufReader::new(from))
    }

    /// The next message; `None` at the end.
    pub(super) async fn next(&mut self) -> io::Result<Option<Message>> {
        let mut bytes = vec![0];
        if self.0.read(&mut bytes).await? == 0 {
            return Ok(None);
        }
        read_on(&mut self.0, &mut bytes).await?;
        Ok(Some(Message(bytes)))
    }
}

/// A client's first message, which alone has no kind. Encryption is refused: nothing behind it could be read.
pub(super) async fn start(
    client: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> io::Result<Vec<u8>> {
    loop {
        let mut bytes = Vec::new();
        read_on(client, &mut bytes).await?;
        if !ENCRYPTION
            .iter()
            .any(|code| bytes.ends_with(&code.to_be_bytes()))
        {
            return Ok(bytes);
        }
        client.write_all(b"N").await?;
    }
}

/// A length, which counts itself, and as much as it says.
async fn read_on(from: &mut (impl AsyncRead + Unpin), bytes: &mut Vec<u8>) -> io::Result<()> {
    let length = from.read_u32().await?;
    let body = usize::try_from(length).ok().and_then(|n| n.checked_sub(4));
    let body = body.filter(|body| *body <= LONGEST);
    let body = body.ok_or_else(|| io::Error::other("no message of PostgreSQL's protocol"))?;
    bytes.extend(length.to_be_bytes());
    let begun = bytes.len();
    bytes.resize(begun + body, 0);
    let rest = bytes.get_mut(begun..).unwrap_or_default();
    from.read_exact(rest).await.map(drop)
}
