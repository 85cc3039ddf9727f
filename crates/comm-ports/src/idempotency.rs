//! Requests that a client may repeat: their key, and the answer that was given (contract, 'Shared
//! rules', `Idempotency-Key`).

use std::fmt;

/// One request of a client, in the client's own name for it. What it may look like is the API's rule.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// Method and path: the same key on another route is another request.
    pub route: String,
    /// The client's key.
    pub key: String,
    /// SHA-256 of the body as it was sent.
    pub body_hash: [u8; 32],
}

/// A client chooses the key, so that nobody knows what it says: it never reaches a log.
impl fmt::Debug for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestKey({}, ..)", self.route)
    }
}

/// An answer that is given again, word for word.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The status; what it means is the API's business.
    pub status: u16,
    /// Where the new thing can be read.
    pub location: Option<String>,
    /// The body, final bytes.
    pub body: Vec<u8>,
}

/// Bodies are personal data.
impl fmt::Debug for KeptAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptAnswer({}, ..)", self.status)
    }
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// Nothing: the request may be carried out, and nobody else can begin it until the transaction ends.
    Free,
    /// Another transaction is carrying it out.
    Running,
    /// It was carried out within the last 24 hours.
    Answered {
        /// The body of that request.
        body_hash: [u8; 32],
        /// What it was answered.
        answer: KeptAnswer,
    },
}
