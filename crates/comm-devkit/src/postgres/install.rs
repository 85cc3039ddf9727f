//! Where PostgreSQL's programs are, as which user they run, and which folder that user can reach.

use super::PostgresError;
use crate::env;
use crate::place::{Folder, FolderError, Place, fingerprint};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Folders under which distributions keep one folder per version, with `bin` in it.
const VERSIONED: [&str; 2] = ["/usr/lib/postgresql", "/usr/local/pgsql"];

/// PostgreSQL refuses to run as root, so root lends it one of these.
const ACCOUNTS: [&str; 2] = ["postgres", "nobody"];

#[derive(Clone, Copy, Debug)]
struct Account {
    uid: u32,
    gid: u32,
}

/// An installed PostgreSQL.
#[derive(Clone, Debug)]
pub(super) struct Install {
    bin: PathBuf,
    account: Option<Account>,
}

impl Install {
    pub(super) fn find() -> Result<Self, PostgresError> {
        let bin = on_path()
            .or_else(newest_version)
            .ok_or(PostgresError::NotInstalled)?;
        let account = if rustix::process::geteuid().is_root() {
            Some(account().ok_or(PostgresError::NoAccount)?)
        } else {
            None
        };
        Ok(Self { bin, account })
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// Lets a command run as the user that owns the data.
    pub(super) fn lend_account<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        match self.account {
            Some(account) => command.uid(account.uid).gid(account.gid),
            None => command,
        }
    }

    /// Claims a folder in which the server's user can work.
    pub(super) fn claim(&self, place: &Place) -> Result<Folder, PostgresError> {
        match place {
            Place::Temporary => self.claim_temporary(),
            Place::Kept(path) => self.claim_kept(path),
        }
    }

    fn claim_temporary(&self) -> Result<Folder, PostgresError> {
        let parents = [std::env::temp_dir(), "/tmp".into(), "/var/tmp".into()];
        let parent = parents
            .iter()
            .find(|parent| self.reaches(parent))
            .ok_or(PostgresError::NoFolder)?;
        let folder = Folder::temporary(parent, "postgres")?;
        self.hand_over(folder)
    }

    /// A clone below /root cannot be entered by another user; its data then lives in /var/tmp.
    fn claim_kept(&self, path: &Path) -> Result<Folder, PostgresError> {
        let folder = Folder::kept(path)?;
        if self.reaches(folder.path()) {
            return self.hand_over(folder);
        }
        let name = fingerprint(folder.path().as_os_str().as_encoded_bytes());
        let elsewhere = Path::new("/var/tmp").join(format!("communication-service-{name}"));
        drop(folder);
        self.hand_over(Folder::kept(&elsewhere)?)
    }

    /// Makes `home`, which belongs to the server's user alone, in a folder that stays ours.
    fn hand_over(&self, folder: Folder) -> Result<Folder, PostgresError> {
        let home = home(&folder);
        let made = fs::create_dir_all(&home)
            .and_then(|()| match self.account {
                Some(account) => chown(&home, Some(account.uid), Some(account.gid)),
                None => Ok(()),
            })
            .and_then(|()| fs::set_permissions(&home, fs::Permissions::from_mode(0o700)));
        made.map_err(|source| FolderError::Io { path: home, source })?;
        Ok(folder)
    }

    fn reaches(&self, folder: &Path) -> bool {
        let mut command = Command::new("test");
        command.arg("-x").arg(folder).current_dir("/");
        self.lend_account(&mut command)
            .stdin(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// The folder of the server's user; the folder around it holds our lock.
pub(super) fn home(folder: &Folder) -> PathBuf {
    folder.path().join("home")
}

fn complete(bin: &Path) -> bool {
    ["initdb", "postgres"]
        .iter()
        .all(|program| bin.join(program).is_file())
}

fn on_path() -> Option<PathBuf> {
    env::search_path().find(|bin| complete(bin))
}

fn newest_version() -> Option<PathBuf> {
    VERSIONED
        .iter()
        .filter_map(|root| fs::read_dir(root).ok())
        .flat_map(|entries| entries.flatten())
        .filter(|entry| complete(&entry.path().join("bin")))
        .max_by_key(|entry| version(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path().join("bin"))
}

fn version(name: &str) -> Vec<u32> {
    name.split('.')
        .map(|part| part.parse().unwrap_or(0))
        .collect()
}

fn account() -> Option<Account> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    ACCOUNTS.iter().find_map(|name| named(&users, name))
}

fn named(users: &str, name: &str) -> Option<Account> {
    let line = users
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut numbers = line.split(':').skip(2);
    Some(Account {
        uid: numbers.next()?.parse().ok()?,
        gid: numbers.next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version("15") > version("9.6"));
        assert!(version("9.10") > version("9.6"));
    }

    #[test]
    fn an_account_is_read_from_the_user_list() {
        let users = "root:x:0:0::/root:/bin/bash\npostgres:x:101:104::/var/lib:/bin/sh\n";
        let account = named(users, "postgres").unwrap();
        assert_eq!((account.uid, account.gid), (101, 104));
        assert!(named(users, "nobody").is_none());
    }
}
