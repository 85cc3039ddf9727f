//! The folder whose files can be attached to mails.

use crate::error::Cause;
use async_trait::async_trait;
use thiserror::Error;

/// A file that can be attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Relative to the folder.
    pub path: String,
    /// Bytes.
    pub size: u64,
}

/// Why a file cannot be had. The words are for the log: they may hold a path.
#[derive(Debug, Error)]
pub enum AttachmentError {
    /// There is no folder.
    #[error("no attachment folder is configured")]
    NotConfigured,
    /// The path leads out of the folder, or to nothing that is a file and may be read.
    #[error("there is no such file in the attachment folder")]
    NotFound,
    /// The file is larger than was asked for.
    #[error("the file is too large")]
    TooLarge,
    /// It cannot be told now; trying again later may help.
    #[error("the attachment folder cannot be read: {0}")]
    Unreadable(Cause),
}

/// Finds and reads files below one folder, and none outside of it, whatever a path says, and whatever links
/// lie in the folder or are put there meanwhile.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait AttachmentFolder: Send + Sync {
    /// The regular file under this path, which is relative to the folder or absolute.
    async fn find(&self, path: &str) -> Result<FoundFile, AttachmentError>;

    /// Its content, of at most this many bytes.
    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, AttachmentError>;
}
