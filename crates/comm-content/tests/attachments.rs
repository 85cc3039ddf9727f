//! The attachment folder on a real file system.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests, whose helpers clippy.toml does not cover"
)]

use comm_content::{Attachments, AttachmentsConfig};
use comm_ports::attachments::{AttachmentError, AttachmentFolder, FoundFile};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use tempfile::TempDir;

/// `innen/a.txt`, `innen/tief/b.txt` and `geheim.txt`, which is outside.
struct World {
    place: TempDir,
    folder: Attachments,
}

fn world() -> World {
    let place = tempfile::tempdir().unwrap();
    let inside = place.path().join("innen");
    fs::create_dir_all(inside.join("tief")).unwrap();
    fs::write(inside.join("a.txt"), "eins").unwrap();
    fs::write(inside.join("tief/b.txt"), "zwei").unwrap();
    fs::write(place.path().join("geheim.txt"), "geheim").unwrap();
    let folder = folder(&inside);
    World { place, folder }
}

fn folder(path: &Path) -> Attachments {
    let folder = path.to_owned();
    Attachments::new(&AttachmentsConfig { folder }).unwrap()
}

impl World {
    fn inside(&self, path: &str) -> String {
        let path = self.place.path().join("innen").join(path);
        path.to_str().unwrap().to_owned()
    }

    async fn found(&self, path: &str) -> Option<String> {
        match self.folder.find(path).await {
            Ok(FoundFile { path, .. }) => Some(path),
            Err(AttachmentError::NotFound) => None,
            Err(error) => panic!("{path}: {error}"),
        }
    }

    async fn read(&self, path: &str) -> Option<String> {
        match self.folder.read(path, 100).await {
            Ok(content) => Some(String::from_utf8(content).unwrap()),
            Err(AttachmentError::NotFound) => None,
            Err(error) => panic!("{path}: {error}"),
        }
    }
}

#[tokio::test]
async fn files_are_found_by_relative_and_by_absolute_paths() {
    let world = world();
    for (path, found) in [
        ("a.txt", "a.txt"),
        ("./tief/../a.txt", "./tief/../a.txt"),
        ("tief/b.txt", "tief/b.txt"),
        (&world.inside("tief/b.txt"), "tief/b.txt"),
    ] {
        assert_eq!(world.found(path).await.as_deref(), Some(found), "{path}");
    }
    assert_eq!(world.read("tief/b.txt").await.as_deref(), Some("zwei"));
    let size = world.folder.find("a.txt").await.unwrap().size;
    assert_eq!(size, 4);
}

#[tokio::test]
async fn nothing_outside_is_found_whatever_the_path_says() {
    let world = world();
    let sibling = world.place.path().join("innen-zwei");
    fs::create_dir(&sibling).unwrap();
    fs::write(sibling.join("a.txt"), "x").unwrap();
    let secret = world.place.path().join("geheim.txt");
    for path in [
        "",
        ".",
        "..",
        "tief",
        "fehlt.txt",
        "a.txt/",
        "a.txt/x",
        "../geheim.txt",
        "tief/../../geheim.txt",
        "../innen/a.txt",
        "a.txt\0",
        "/etc/passwd",
        "/proc/self/environ",
        "~/.ssh/id_rsa",
        "..\\geheim.txt",
        &"a/".repeat(3000),
        &"x".repeat(5000),
        secret.to_str().unwrap(),
        sibling.join("a.txt").to_str().unwrap(),
        &world.inside("../geheim.txt"),
        &world.inside(""),
    ] {
        assert_eq!(world.found(path).await, None, "{path}");
        assert_eq!(world.read(path).await, None, "{path}");
    }
}

#[tokio::test]
async fn a_link_counts_only_while_it_stays_inside() {
    let world = world();
    symlink("tief/b.txt", world.inside("innen.txt")).unwrap();
    symlink("../geheim.txt", world.inside("relativ.txt")).unwrap();
    symlink(
        world.place.path().join("geheim.txt"),
        world.inside("absolut.txt"),
    )
    .unwrap();
    symlink("..", world.inside("hinauf")).unwrap();
    symlink("/proc/self", world.inside("prozess")).unwrap();
    symlink("kreis", world.inside("kreis")).unwrap();
    assert_eq!(world.read("innen.txt").await.as_deref(), Some("zwei"));
    for path in [
        "relativ.txt",
        "absolut.txt",
        "hinauf/geheim.txt",
        "prozess/environ",
        "prozess/root/etc/passwd",
        "kreis",
    ] {
        assert_eq!(world.found(path).await, None, "{path}");
        assert_eq!(world.read(path).await, None, "{path}");
    }
}

#[tokio::test]
async fn a_file_that_is_replaced_by_a_link_after_it_was_found_is_not_read() {
    let world = world();
    assert!(world.found("a.txt").await.is_some());
    fs::remove_file(world.inside("a.txt")).unwrap();
    symlink("../geheim.txt", world.inside("a.txt")).unwrap();
    assert_eq!(world.read("a.txt").await, None);

    assert!(world.found("tief/b.txt").await.is_some());
    fs::rename(world.inside("tief"), world.inside("anders")).unwrap();
    symlink(world.place.path(), world.inside("tief")).unwrap();
    fs::write(world.place.path().join("b.txt"), "geheim").unwrap();
    assert_eq!(world.read("tief/b.txt").await, None);
}

#[tokio::test]
async fn only_regular_files_count_and_a_pipe_is_not_waited_for() {
    let world = world();
    mknodat(
        CWD,
        world.inside("rohr"),
        FileType::Fifo,
        Mode::RUSR | Mode::WUSR,
        0,
    )
    .unwrap();
    let socket = std::os::unix::net::UnixListener::bind(world.inside("buchse")).unwrap();
    for path in ["rohr", "buchse"] {
        assert_eq!(world.found(path).await, None, "{path}");
    }
    drop(socket);
}

#[tokio::test]
async fn no_more_is_read_than_was_asked_for() {
    let world = world();
    let read = |limit| world.folder.read("a.txt", limit);
    assert_eq!(read(4).await.unwrap(), b"eins");
    assert!(matches!(read(3).await, Err(AttachmentError::TooLarge)));
}

#[tokio::test]
async fn the_folder_may_be_a_link_itself_and_both_of_its_names_count() {
    let world = world();
    let link = world.place.path().join("link");
    symlink("innen", &link).unwrap();
    let by_link = folder(&link);
    for path in [link.join("a.txt").to_str().unwrap(), &world.inside("a.txt")] {
        assert_eq!(by_link.find(path).await.unwrap().path, "a.txt", "{path}");
    }
}

#[tokio::test]
async fn a_folder_that_is_gone_is_no_missing_file() {
    let world = world();
    fs::rename(world.inside(""), world.place.path().join("weg")).unwrap();
    let read = world.folder.read("a.txt", 100).await;
    assert!(
        matches!(read, Err(AttachmentError::Unreadable(_))),
        "{read:?}"
    );
    let none = Attachments::new(&AttachmentsConfig::default()).unwrap();
    let found = none.find("a.txt").await;
    assert!(
        matches!(found, Err(AttachmentError::NotConfigured)),
        "{found:?}"
    );
}

#[test]
fn a_folder_that_is_not_there_stops_the_start() {
    let world = world();
    for folder in ["fehlt", "a.txt"] {
        let folder = world.inside(folder).into();
        assert!(Attachments::new(&AttachmentsConfig { folder }).is_err());
    }
}
