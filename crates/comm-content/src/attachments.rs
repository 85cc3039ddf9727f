//! The attachment folder. The kernel confines each path while it opens it (`openat2`, `RESOLVE_BENEATH`), so
//! that there is no moment between a check and the opening in which a link could be put in the way.

use async_trait::async_trait;
use comm_ports::attachments::{AttachmentError, AttachmentFolder, FoundFile};
use rustix::fs::{Mode, OFlags, ResolveFlags, open, openat2};
use rustix::io::Errno;
use serde::Deserialize;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Where the files are that requests may name by a path (section `attachments`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttachmentsConfig {
    /// The folder; empty: paths are refused.
    pub folder: PathBuf,
}

/// Files below one folder, or none at all.
#[derive(Debug, Clone)]
pub struct Attachments {
    folder: Option<PathBuf>,
}

impl Attachments {
    /// Looks whether there is such a folder; its files are looked for anew each time.
    ///
    /// # Errors
    /// A folder that cannot be opened, or a kernel that cannot confine paths (Linux before 5.6).
    pub fn new(config: &AttachmentsConfig) -> io::Result<Self> {
        let folder = Some(config.folder.clone()).filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = &folder {
            openat2(
                root(folder)?,
                ".",
                OFlags::PATH | OFlags::CLOEXEC,
                Mode::empty(),
                ResolveFlags::BENEATH,
            )?;
        }
        Ok(Self { folder })
    }

    /// Runs where waiting for a disk holds up nobody.
    async fn on_file<T: Send + 'static>(
        &self,
        path: &str,
        work: impl FnOnce(Opened) -> Result<T, AttachmentError> + Send + 'static,
    ) -> Result<T, AttachmentError> {
        let folder = self.folder.clone().ok_or(AttachmentError::NotConfigured)?;
        let path = path.to_owned();
        let opened = move || work(confined(&folder, &path)?);
        tokio::task::spawn_blocking(opened)
            .await
            .unwrap_or_else(|error| Err(AttachmentError::Unreadable(error.into())))
    }
}

#[async_trait]
impl AttachmentFolder for Attachments {
    async fn find(&self, path: &str) -> Result<FoundFile, AttachmentError> {
        let found = |opened: Opened| {
            Ok(FoundFile {
                path: opened.path,
                size: opened.size,
            })
        };
        self.on_file(path, found).await
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, AttachmentError> {
        self.on_file(path, move |opened| opened.read(limit)).await
    }
}

/// A regular file below the folder.
struct Opened {
    path: String,
    file: File,
    size: u64,
}

impl Opened {
    /// The file may grow meanwhile, so that its size alone does not tell.
    fn read(self, limit: u64) -> Result<Vec<u8>, AttachmentError> {
        if self.size > limit {
            return Err(AttachmentError::TooLarge);
        }
        let mut content = Vec::with_capacity(usize::try_from(self.size).unwrap_or_default());
        let mut bounded = self.file.take(limit.saturating_add(1));
        let read = bounded.read_to_end(&mut content).map_err(unreadable)?;
        match u64::try_from(read).is_ok_and(|read| read <= limit) {
            true => Ok(content),
            false => Err(AttachmentError::TooLarge),
        }
    }
}

fn confined(folder: &Path, path: &str) -> Result<Opened, AttachmentError> {
    let root = root(folder).map_err(unreadable)?;
    let path = relative(folder, path).ok_or(AttachmentError::NotFound)?;
    // A pipe without a writer would otherwise be waited for.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let confinement = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let file = openat2(&root, &path, flags, Mode::empty(), confinement).map_err(refused)?;
    let file = File::from(file);
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(AttachmentError::NotFound);
    }
    Ok(Opened {
        path,
        file,
        size: metadata.len(),
    })
}

fn root(folder: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    open(folder, flags, Mode::empty()).map_err(io::Error::from)
}

/// An absolute path may be spelt by the folder's configured or by its real name.
fn relative(folder: &Path, path: &str) -> Option<String> {
    let path = Path::new(path);
    let inside = match path.is_absolute() {
        false => path,
        true => match path.strip_prefix(folder) {
            Ok(inside) => inside,
            Err(_) => path.strip_prefix(folder.canonicalize().ok()?).ok()?,
        },
    };
    inside.to_str().map(str::to_owned)
}

/// What the path is to blame for, and what passes.
fn refused(error: Errno) -> AttachmentError {
    match error {
        Errno::NOENT
        | Errno::NOTDIR
        | Errno::XDEV
        | Errno::LOOP
        | Errno::ACCESS
        | Errno::PERM
        | Errno::NAMETOOLONG
        | Errno::INVAL
        | Errno::NXIO
        | Errno::NODEV => AttachmentError::NotFound,
        error => unreadable(error.into()),
    }
}

fn unreadable(error: io::Error) -> AttachmentError {
    AttachmentError::Unreadable(error.into())
}
