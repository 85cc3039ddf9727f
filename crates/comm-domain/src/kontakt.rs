//! Where a person can be reached: mail addresses.

use crate::field::{self, FieldError};
use email_address::{EmailAddress as Parsed, Options};
use std::fmt;

/// Longest address in bytes (RFC 5321 4.5.3.1.3: a path of 256 with its angle brackets).
pub const ADDRESS_MAX_BYTES: usize = 254;

/// Exactly one syntactically valid mailbox (RFC 5321, RFC 6531), without a display name.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Parses one address; surrounding white space is forgiven.
    ///
    /// # Errors
    /// A list, a display name, a domain literal, a quoted local part (which no mail program offers and
    /// many servers refuse), a control character or a breach of the grammar.
    pub fn parse(field: &'static str, value: &str) -> Result<Self, FieldError> {
        let value = value.trim();
        let options = Options::default()
            .without_display_text()
            .without_domain_literal()
            .with_no_minimum_sub_domains();
        let is_one_word = !value.chars().any(|c| c.is_control() || c.is_whitespace());
        if value.len() <= ADDRESS_MAX_BYTES
            && is_one_word
            && !value.starts_with('"')
            && Parsed::parse_with_options(value, options).is_ok()
        {
            return Ok(Self(value.to_owned()));
        }
        Err(FieldError::invalid(
            field,
            "must be exactly one valid email address",
        ))
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the last `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// Addresses are personal data: what is formatted for a log does not show them.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

/// An address with the name of the person or company behind it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Where mail goes to or comes from.
    pub address: EmailAddress,
    name: String,
}

impl Mailbox {
    /// Joins an address and a name of 1 to 255 characters.
    ///
    /// # Errors
    /// A name that is empty, too long, or that contains a control character.
    pub fn parse(
        address: EmailAddress,
        name_field: &'static str,
        name: &str,
    ) -> Result<Self, FieldError> {
        Ok(Self {
            address,
            name: field::line(name_field, name)?,
        })
    }

    /// The display name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Shows neither name nor address, see [`EmailAddress`].
impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailbox(..)")
    }
}
