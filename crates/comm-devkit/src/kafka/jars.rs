//! The jars of Apache Kafka in the user's cache, and how to run a class of them.

use super::{BrokerError, apache};
use crate::env::has_program;
use crate::place::fingerprint;
use crate::process::{Signal, command};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const POM: &str = include_str!("../../kafka/pom.xml");
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/// A heap that is enough for one node, and a quick start rather than a high speed.
const JVM: [&str; 5] = [
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
];

/// Fetched jars.
#[derive(Clone, Debug)]
pub(super) struct Jars {
    class_path: String,
    archive: PathBuf,
}

/// What to do with the archive of loaded classes, which halves the time of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Archive {
    Use,
    Write,
}

/// Fetches the jars with Maven unless they are there, and prepares a quick start. Returns the folder.
///
/// # Errors
/// When Java or Maven are missing, or fail twice.
pub async fn fetch_jars() -> Result<PathBuf, BrokerError> {
    let home = home()?;
    fs::create_dir_all(&home)?;
    let gate = File::create(home.join("fetch.lock"))?;
    let gate = tokio::task::spawn_blocking(move || gate.lock().map(|()| gate))
        .await
        .map_err(io::Error::other)??;
    if !stamp(&home).exists() {
        fetch(&home).await?;
        File::create(stamp(&home))?;
    }
    let jars = Jars::find()?;
    if !jars.archive.exists() {
        apache::write_archive(&jars).await?;
    }
    drop(gate);
    Ok(home)
}

impl Jars {
    pub(super) fn find() -> Result<Self, BrokerError> {
        if !has_program("java") {
            return Err(BrokerError::NotInstalled("java"));
        }
        let home = home()?;
        if !stamp(&home).exists() {
            return Err(BrokerError::NoJars);
        }
        let mut jars = fs::read_dir(home.join("libs"))?
            .map(|entry| Ok(entry?.path().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<String>>>()?;
        // The archive is valid only for the very same class path.
        jars.sort();
        Ok(Self {
            class_path: jars.join(":"),
            archive: home.join(archive_name()),
        })
    }

    /// A command that runs one class, and gets SIGTERM when this process dies.
    pub(super) fn java(&self, class: &str, archive: Archive) -> Command {
        let mut java = command("java", Signal::Term);
        java.args(JVM);
        let path = self.archive.display();
        match archive {
            Archive::Use if self.archive.exists() => {
                java.arg(format!("-XX:SharedArchiveFile={path}"))
                    .arg("-Xlog:cds=off");
            }
            Archive::Use => {}
            Archive::Write => {
                java.arg(format!("-XX:ArchiveClassesAtExit={path}"));
            }
        }
        java.args(["-cp", &self.class_path, class]);
        java
    }
}

async fn fetch(home: &Path) -> Result<(), BrokerError> {
    if !has_program("mvn") {
        return Err(BrokerError::NotInstalled("mvn"));
    }
    fs::write(home.join("pom.xml"), POM)?;
    if maven(home, None).await.is_ok() {
        return Ok(());
    }
    // Maven's usual repository follows the password file, not HOME, and may not be writable.
    maven(home, Some("-Dmaven.repo.local=repository")).await
}

async fn maven(home: &Path, repository: Option<&str>) -> Result<(), BrokerError> {
    let mut maven = command("mvn", Signal::Term);
    maven
        .args(["-B", "-ntp", COPY, "-DincludeScope=runtime"])
        .arg("-DoutputDirectory=libs")
        .args(repository)
        .current_dir(home);
    run(maven, "Maven", &home.join("maven.log")).await
}

/// Runs a command to its end with a log of its own.
pub(super) async fn run(
    mut command: Command,
    what: &'static str,
    log: &Path,
) -> Result<(), BrokerError> {
    let output = File::create(log)?;
    command.stdout(output.try_clone()?).stderr(output);
    let status = tokio::task::spawn_blocking(move || command.status()).await;
    if status.map_err(io::Error::other)??.success() {
        return Ok(());
    }
    let words = last_words(log);
    Err(BrokerError::GaveUp { what, words })
}

/// The end of a log, for an error that says why.
pub(super) fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines.len().saturating_sub(12);
    lines.get(tail..).unwrap_or_default().join("\n")
}

/// The folder carries the hash of the list of jars, so a new list never meets old jars.
fn home() -> io::Result<PathBuf> {
    let user = std::env::home_dir().ok_or_else(|| io::Error::other("no home folder"))?;
    let name = format!("kafka-{}", fingerprint(POM.as_bytes()));
    Ok(user.join(".cache/communication-service").join(name))
}

fn stamp(home: &Path) -> PathBuf {
    home.join("complete")
}

/// Another Java needs another archive.
fn archive_name() -> String {
    let java = crate::env::search_path()
        .map(|folder| folder.join("java"))
        .find_map(|java| java.canonicalize().ok());
    let mark = java.map(|java| {
        let changed = fs::metadata(&java).map_or(0, |found| found.mtime());
        format!("{} {changed}", java.display())
    });
    let mark = fingerprint(mark.unwrap_or_default().as_bytes());
    format!("classes-{mark}.jsa")
}
