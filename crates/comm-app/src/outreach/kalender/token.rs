//! The secret in the address of a feed.

use comm_ports::outreach::TokenHash;
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

/// The secret that whoever reads a feed knows. It is stored nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Feedtoken(String);

impl Feedtoken {
    /// Two random UUIDs: 244 bits out of the system's source of randomness.
    pub(super) fn generate() -> Self {
        let [first, second] = [Uuid::new_v4(), Uuid::new_v4()];
        Self(format!("{}{}", first.simple(), second.simple()))
    }

    /// The token itself, for the one answer that shows it.
    pub fn secret(&self) -> &str {
        &self.0
    }

    pub(super) fn hash(&self) -> TokenHash {
        hash(&self.0)
    }
}

/// Whoever has the token reads the calls: it never reaches a log.
impl fmt::Debug for Feedtoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Feedtoken(..)")
    }
}

/// What a token is known by. It is random, so a plain hash cannot be guessed back.
pub(super) fn hash(token: &str) -> TokenHash {
    TokenHash(Sha256::digest(token.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_another_and_is_never_formatted() {
        let (one, other) = (Feedtoken::generate(), Feedtoken::generate());
        assert_ne!(one, other);
        assert_ne!(one.hash(), other.hash());
        assert_eq!(one.secret().len(), 64);
        assert!(one.secret().bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(format!("{one:?}"), "Feedtoken(..)");
    }

    #[test]
    fn it_is_known_by_its_sha_256() {
        let TokenHash(bytes) = hash("abc");
        assert_eq!(bytes[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(format!("{:?}", hash("abc")), "TokenHash(..)");
    }
}
