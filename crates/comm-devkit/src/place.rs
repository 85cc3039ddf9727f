//! Data folders: temporary or kept, each owned by one process at a time.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use thiserror::Error;

const PREFIX: &str = "comm-devkit-";
const OWNER: &str = "owner.lock";

/// Where a server keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder that vanishes with the server.
    Temporary,
    /// A folder that is found again by the next start.
    Kept(PathBuf),
}

/// Why a data folder cannot be used.
#[derive(Debug, Error)]
pub enum FolderError {
    /// Another process works there.
    #[error("another run is using {}", .0.display())]
    Busy(PathBuf),
    /// Somebody else made it; in a folder that all may write to, that is not trusted.
    #[error("{} belongs to another user", .0.display())]
    Foreign(PathBuf),
    /// It cannot be made or opened.
    #[error("cannot use the folder {}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// The system's words.
        #[source]
        source: io::Error,
    },
}

/// A folder that this process has locked; the lock goes with the process, however it ends.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    temporary: bool,
    owner: File,
}

impl Folder {
    pub(crate) fn claim(place: &Place, kind: &str) -> Result<Self, FolderError> {
        match place {
            Place::Temporary => Self::temporary(&std::env::temp_dir(), kind),
            Place::Kept(path) => Self::kept(path),
        }
    }

    /// A new folder below `parent` that is removed on drop. Folders of dead processes go first.
    pub(crate) fn temporary(parent: &Path, kind: &str) -> Result<Self, FolderError> {
        let fail = |source| FolderError::Io {
            path: parent.to_owned(),
            source,
        };
        let user = rustix::process::geteuid().as_raw();
        let gate = OpenOptions::new()
            .create(true)
            .append(true)
            .open(parent.join(format!("{PREFIX}{user}.lock")))
            .map_err(fail)?;
        // Between making a folder and locking it nobody may take it for a dead one.
        gate.lock().map_err(fail)?;
        sweep(parent, user);
        let parent = parent.canonicalize().map_err(fail)?;
        let path = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{kind}-"))
            .permissions(Permissions::from_mode(0o755))
            .tempdir_in(&parent)
            .map_err(fail)?
            .keep();
        let owner = lock(&path)?;
        Ok(Self {
            path,
            temporary: true,
            owner,
        })
    }

    /// Opens or makes a folder that stays.
    pub(crate) fn kept(path: &Path) -> Result<Self, FolderError> {
        let fail = |source| FolderError::Io {
            path: path.to_owned(),
            source,
        };
        fs::create_dir_all(path).map_err(fail)?;
        let found = fs::symlink_metadata(path).map_err(fail)?;
        if found.uid() != rustix::process::geteuid().as_raw() {
            return Err(FolderError::Foreign(path.to_owned()));
        }
        let path = path.canonicalize().map_err(fail)?;
        let owner = lock(&path)?;
        Ok(Self {
            path,
            temporary: false,
            owner,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::debug!(%error, "a temporary folder stays until the next start");
        }
        // Closing would not do: a process that is just being started elsewhere may hold a copy.
        drop(self.owner.unlock());
    }
}

/// A stable name for a path, short enough for a folder name (FNV-1a).
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

fn lock(folder: &Path) -> Result<File, FolderError> {
    let fail = |source| FolderError::Io {
        path: folder.to_owned(),
        source,
    };
    let owner = File::create(folder.join(OWNER)).map_err(fail)?;
    match owner.try_lock() {
        Ok(()) => Ok(owner),
        Err(TryLockError::WouldBlock) => Err(FolderError::Busy(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(fail(source)),
    }
}

fn sweep(parent: &Path, user: u32) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry
                .metadata()
                .is_ok_and(|found| found.is_dir() && found.uid() == user);
        if ours && abandoned(&entry.path()) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// A folder gets its lock while the gate is closed: one without a lock was left half removed.
fn abandoned(folder: &Path) -> bool {
    match File::open(folder.join(OWNER)) {
        Ok(owner) => owner.try_lock().is_ok(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}
