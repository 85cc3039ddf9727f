//! Attachments: what a request asks for, and giving one back (contract, 'Attachments').

use super::{Emails, GivenAttachment};
use crate::Adapters;
use crate::error::OutreachError;
use comm_domain::outreach::anhang::TOTAL_MAX_BYTES;
use comm_domain::outreach::{AnhangError, AnhangWunsch, EmailId, NewAnhang, Quelle};
use comm_ports::AttachmentError;
use std::path::Path;

/// What a file is called whose name tells nothing (RFC 2046 4.5.1).
const ANYTHING: &str = "application/octet-stream";

/// An attachment with its content.
#[derive(Debug, Clone)]
pub struct ShownAttachment {
    /// `filename`.
    pub filename: String,
    /// `content_type`.
    pub content_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl Emails {
    /// The attachment at this place of an email's list, from 0.
    ///
    /// # Errors
    /// No such email or attachment, a file that is not there any more, the folder, or storage.
    pub async fn attachment(
        &self,
        id: EmailId,
        place: usize,
    ) -> Result<ShownAttachment, OutreachError> {
        let Adapters {
            store, attachments, ..
        } = self.adapters();
        let email = store.email(id).await?.ok_or(OutreachError::EmailNotFound)?;
        let anhang = email
            .anhaenge
            .get(place)
            .ok_or(OutreachError::AttachmentNotFound)?;
        let content = match &anhang.quelle {
            Quelle::Gespeichert(number) => store
                .attachment(id, *number)
                .await?
                .ok_or(OutreachError::AttachmentNotFound)?,
            Quelle::Pfad(path) => match attachments.read(path, TOTAL_MAX_BYTES).await {
                Ok(content) => content,
                Err(error @ AttachmentError::Unreadable(_)) => {
                    return Err(OutreachError::AttachmentFolder(error));
                }
                Err(_) => return Err(OutreachError::AttachmentGone),
            },
        };
        Ok(ShownAttachment {
            filename: anhang.filename().to_owned(),
            content_type: anhang.content_type().to_owned(),
            content,
        })
    }
}

impl Adapters {
    /// The attachments of a new email.
    pub(super) async fn attach(
        &self,
        given: Vec<GivenAttachment>,
    ) -> Result<Vec<NewAnhang>, OutreachError> {
        let wishes = self.attach_or_keep(given).await?.into_iter().enumerate();
        let new = wishes.map(|(index, wish)| match wish {
            AnhangWunsch::Neu(new) => Ok(new),
            AnhangWunsch::Bleibt { .. } => Err(required(index, ".content_base64").into()),
        });
        new.collect()
    }

    /// The attachments that an email is to have; each may be one that it has.
    pub(super) async fn attach_or_keep(
        &self,
        given: Vec<GivenAttachment>,
    ) -> Result<Vec<AnhangWunsch>, OutreachError> {
        let mut wishes = Vec::with_capacity(given.len());
        for (index, given) in given.into_iter().enumerate() {
            wishes.push(match given {
                GivenAttachment::Path(path) => AnhangWunsch::Neu(self.at_path(index, &path).await?),
                file => in_request(index, file)?,
            });
        }
        Ok(wishes)
    }

    async fn at_path(&self, index: usize, path: &str) -> Result<NewAnhang, OutreachError> {
        let refused = |reason: &str| Err(AnhangError::invalid(index, "", reason).into());
        let found = match self.attachments.find(path).await {
            Ok(found) => found,
            Err(AttachmentError::NotConfigured) => {
                return refused("is a path, but no attachment folder is configured");
            }
            Err(AttachmentError::NotFound) => {
                return refused("must be the path of a file in the attachment folder");
            }
            Err(AttachmentError::TooLarge) => return Err(AnhangError::TooLarge.into()),
            Err(error @ AttachmentError::Unreadable(_)) => {
                return Err(OutreachError::AttachmentFolder(error));
            }
        };
        let filename = Path::new(&found.path).file_name();
        let filename = filename.and_then(|name| name.to_str()).unwrap_or_default();
        let content_type = guess(filename);
        let new = NewAnhang::at_path(
            index,
            filename,
            content_type,
            (found.path.clone(), found.size),
        );
        Ok(new?)
    }
}

/// An entry that is no path.
fn in_request(index: usize, given: GivenAttachment) -> Result<AnhangWunsch, AnhangError> {
    let GivenAttachment::File {
        filename: Some(filename),
        content_type,
        size,
        content,
    } = given
    else {
        return Err(required(index, ".filename"));
    };
    let content_type = content_type.filter(|given| !given.is_empty());
    let Some(content) = content else {
        return Ok(AnhangWunsch::Bleibt {
            filename,
            content_type,
            size,
        });
    };
    let content_type = content_type.as_deref().unwrap_or_else(|| guess(&filename));
    NewAnhang::with_content(index, &filename, content_type, content).map(AnhangWunsch::Neu)
}

/// A whole mail cannot be sent as a file of its own type (RFC 2046 5.2.1).
fn guess(filename: &str) -> &'static str {
    mime_guess::from_path(filename)
        .first_raw()
        .filter(|guess| !guess.starts_with("message/") && !guess.starts_with("multipart/"))
        .unwrap_or(ANYTHING)
}

fn required(index: usize, member: &'static str) -> AnhangError {
    AnhangError::invalid(index, member, "is required")
}
