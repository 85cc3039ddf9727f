//! What goes along with an email (contract, 'Attachments'): files whose content is stored with it, or that lie
//! in the attachment folder.

use crate::field::{self, FieldError};
use mime::Mime;
use std::ops::Deref;
use std::sync::Arc;
use thiserror::Error;

/// Most bytes of all attachments of an email together, before they are encoded (contract, 'Attachments').
pub const TOTAL_MAX_BYTES: u64 = 10 * 1024 * 1024;
/// Most attachments of an email.
pub const MAX_COUNT: usize = 100;
/// Longest media type in bytes, so that it fits a line of a mail.
pub const CONTENT_TYPE_MAX_BYTES: usize = 255;

/// Why an attachment is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AnhangError {
    /// An entry breaks a rule; `reason` completes the sentence "`attachments[index]member` ...".
    #[error("attachments[{index}]{member} {reason}")]
    Invalid {
        /// Its place in the list, from 0.
        index: usize,
        /// The member of the entry with its dot, or nothing for the entry itself.
        member: &'static str,
        /// What it must be instead.
        reason: String,
    },
    /// An entry without a content stands for none that is stored.
    #[error("attachments[{0}].content_base64 is required unless the entry is as it was answered")]
    NotStored(usize),
    /// There are more of them than [`MAX_COUNT`].
    #[error("attachments must have at most {MAX_COUNT} entries")]
    TooMany,
    /// Together they are larger than [`TOTAL_MAX_BYTES`].
    #[error("attachments are too large: together at most {TOTAL_MAX_BYTES} bytes are allowed")]
    TooLarge,
}

impl AnhangError {
    /// A broken rule; see [`AnhangError::Invalid`].
    pub fn invalid(index: usize, member: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid {
            index,
            member,
            reason: reason.into(),
        }
    }
}

/// One attachment of a stored email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anhang {
    filename: String,
    content_type: String,
    /// Bytes; of a file in the folder as many as it had when it was attached.
    pub size: u64,
    /// Where its content is.
    pub quelle: Quelle,
}

/// Where the content of an attachment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quelle {
    /// Stored with the email under this number, which is not its place in the list.
    Gespeichert(i32),
    /// In the attachment folder, under this path relative to it.
    Pfad(String),
}

impl Anhang {
    /// Joins what is known of the attachment at this place of the list.
    ///
    /// # Errors
    /// A name that is not 1 to 255 characters in one line, or that names a path. A media type that is none, or
    /// that stands for further parts (`multipart/*`, `message/*`), since those cannot be sent as a file.
    pub fn parse(
        index: usize,
        filename: &str,
        content_type: &str,
        size: u64,
        quelle: Quelle,
    ) -> Result<Self, AnhangError> {
        Ok(Self {
            filename: parse_filename(filename)
                .map_err(|reason| AnhangError::invalid(index, ".filename", reason))?,
            content_type: parse_content_type(content_type).ok_or_else(|| {
                let reason = "must be a media type such as application/pdf";
                AnhangError::invalid(index, ".content_type", reason)
            })?,
            size,
            quelle,
        })
    }

    /// The name that the recipient sees: one line without path separators.
    pub fn filename(&self) -> &str {
        &self.filename
    }

    /// Its media type (RFC 2045).
    pub fn content_type(&self) -> &str {
        &self.content_type
    }
}

fn parse_filename(value: &str) -> Result<String, String> {
    let filename = field::line("filename", value).map_err(|error| match error {
        FieldError::Invalid { reason, .. } => reason,
        FieldError::TooLarge { .. } => error.to_string(),
    })?;
    match filename.contains(['/', '\\']) || matches!(filename.as_str(), "." | "..") {
        true => Err("must be a file name without a path".to_owned()),
        false => Ok(filename),
    }
}

fn parse_content_type(value: &str) -> Option<String> {
    let value = value.trim();
    let is_short = value.len() <= CONTENT_TYPE_MAX_BYTES && !value.chars().any(char::is_control);
    let parsed: Mime = value.parse().ok().filter(|_| is_short)?;
    let is_file = !matches!(parsed.type_().as_str(), "" | "*" | "multipart" | "message")
        && !matches!(parsed.subtype().as_str(), "" | "*");
    is_file.then(|| value.to_owned())
}

/// A file that is to be attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAnhang {
    /// As it is to be stored; the number of a content is given to it by its email.
    anhang: Anhang,
    inhalt: Option<Inhaltsbytes>,
}

/// The content of an attachment. Not copied when an email is.
pub type Inhaltsbytes = Arc<Vec<u8>>;

impl NewAnhang {
    /// A file whose content a client sent.
    ///
    /// # Errors
    /// See [`Anhang::parse`].
    pub fn with_content(
        index: usize,
        filename: &str,
        content_type: &str,
        inhalt: Inhaltsbytes,
    ) -> Result<Self, AnhangError> {
        let size = u64::try_from(inhalt.len()).unwrap_or(u64::MAX);
        let quelle = Quelle::Gespeichert(0);
        Ok(Self {
            anhang: Anhang::parse(index, filename, content_type, size, quelle)?,
            inhalt: Some(inhalt),
        })
    }

    /// A file that lies in the attachment folder under this path, and has this many bytes.
    ///
    /// # Errors
    /// See [`Anhang::parse`].
    pub fn at_path(
        index: usize,
        filename: &str,
        content_type: &str,
        (pfad, size): (String, u64),
    ) -> Result<Self, AnhangError> {
        Ok(Self {
            anhang: Anhang::parse(index, filename, content_type, size, Quelle::Pfad(pfad))?,
            inhalt: None,
        })
    }
}

/// One entry of the list that a `PUT` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnhangWunsch {
    /// An entry as it was answered: it stands for the stored one. What is `None` was left out.
    Bleibt {
        /// `filename`.
        filename: String,
        /// `content_type`.
        content_type: Option<String>,
        /// `size` in bytes.
        size: Option<u64>,
    },
    /// A file that is to be attached.
    Neu(NewAnhang),
}

/// The attachments of an email, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Anhaenge {
    list: Vec<Anhang>,
    unsaved: Option<Vec<(i32, Inhaltsbytes)>>,
}

impl Anhaenge {
    /// The attachments of a new email.
    ///
    /// # Errors
    /// Too many of them, or together too large.
    pub fn create(new: Vec<NewAnhang>) -> Result<Self, AnhangError> {
        let wishes: Vec<_> = new.into_iter().map(AnhangWunsch::Neu).collect();
        Self::default().revise(&wishes)
    }

    /// Takes the list back from storage; only a store calls this.
    pub fn restore(list: Vec<Anhang>) -> Self {
        Self {
            list,
            unsaved: None,
        }
    }

    /// What a transition leaves to the store, if it changed the list: these contents, by their numbers, are to
    /// be stored, and those whose numbers are not in the list any more are to be removed.
    pub fn unsaved(&self) -> Option<&[(i32, Inhaltsbytes)]> {
        self.unsaved.as_deref()
    }

    /// There is nothing left to store.
    pub(super) fn saved(&mut self) {
        self.unsaved = None;
    }

    /// The list that a client asks for. What is already stored keeps its content.
    ///
    /// # Errors
    /// An entry without content that is not in the list, too many of them, or together too large.
    pub fn revise(&self, wishes: &[AnhangWunsch]) -> Result<Self, AnhangError> {
        if wishes.len() > MAX_COUNT {
            return Err(AnhangError::TooMany);
        }
        let mut numbers = self.first_free_number()..;
        let mut left: Vec<Option<&Anhang>> = self.list.iter().map(Some).collect();
        let (mut list, mut contents) = (Vec::with_capacity(wishes.len()), Vec::new());
        for (index, wish) in wishes.iter().enumerate() {
            list.push(match wish {
                AnhangWunsch::Bleibt { .. } => {
                    let stored = take(&mut left, index, wish).cloned();
                    stored.ok_or(AnhangError::NotStored(index))?
                }
                AnhangWunsch::Neu(new) => new.store(&mut numbers, &mut contents),
            });
        }
        let total = list
            .iter()
            .fold(0_u64, |total, anhang| total.saturating_add(anhang.size));
        if total > TOTAL_MAX_BYTES {
            return Err(AnhangError::TooLarge);
        }
        let unsaved = (list != self.list).then_some(contents);
        Ok(Self { list, unsaved })
    }

    fn first_free_number(&self) -> i32 {
        let numbers = self.list.iter().filter_map(|anhang| match anhang.quelle {
            Quelle::Gespeichert(number) => Some(number),
            Quelle::Pfad(_) => None,
        });
        numbers.max().map_or(0, |number| number.wrapping_add(1))
    }
}

impl Deref for Anhaenge {
    type Target = [Anhang];

    fn deref(&self) -> &[Anhang] {
        &self.list
    }
}

impl NewAnhang {
    fn store(
        &self,
        numbers: &mut impl Iterator<Item = i32>,
        contents: &mut Vec<(i32, Inhaltsbytes)>,
    ) -> Anhang {
        let mut anhang = self.anhang.clone();
        if let Some(inhalt) = &self.inhalt
            && let Some(number) = numbers.next()
        {
            anhang.quelle = Quelle::Gespeichert(number);
            contents.push((number, Arc::clone(inhalt)));
        }
        anhang
    }
}

/// The stored one that an entry stands for: the one at its place, else the first that fits. Each stands for
/// one entry only.
fn take<'a>(
    left: &mut [Option<&'a Anhang>],
    index: usize,
    wish: &AnhangWunsch,
) -> Option<&'a Anhang> {
    let fits = |stored: &Option<&Anhang>| stored.is_some_and(|stored| wish.stands_for(stored));
    let place = left
        .get(index)
        .filter(|stored| fits(stored))
        .map(|_| index)
        .or_else(|| left.iter().position(fits))?;
    left.get_mut(place)?.take()
}

impl AnhangWunsch {
    fn stands_for(&self, stored: &Anhang) -> bool {
        match self {
            Self::Bleibt {
                filename,
                content_type,
                size,
            } => {
                let same_type = |given: &String| *given == stored.content_type;
                *filename == stored.filename
                    && content_type.as_ref().is_none_or(same_type)
                    && size.is_none_or(|size| size == stored.size)
            }
            Self::Neu(_) => false,
        }
    }
}
