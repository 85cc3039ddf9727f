//! Templates in a folder: their changes count at once, and their mistakes are told.

use crate::support::{COMPANY, sample, vorlage};
use comm_content::{TemplatesConfig, TeraTemplates};
use comm_ports::MailTemplates;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A copy of the templates that are built in.
fn folder() -> TempDir {
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/email");
    let folder = tempfile::tempdir().unwrap();
    copy(&original, folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry
            .map(|entry| (entry.path(), entry.file_name()))
            .unwrap();
        if path.is_dir() {
            fs::create_dir(to.join(&name)).unwrap();
            copy(&path, &to.join(&name));
        } else {
            fs::copy(&path, to.join(&name)).unwrap();
        }
    }
}

fn read(folder: &Path) -> Result<TeraTemplates, String> {
    let config = TemplatesConfig {
        folder: folder.to_owned(),
    };
    TeraTemplates::new(&config, COMPANY).map_err(|error| error.to_string())
}

fn edit(path: PathBuf, from: &str, to: &str) {
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from));
    fs::write(path, text.replace(from, to)).unwrap();
}

fn text(templates: &TeraTemplates) -> Result<String, String> {
    let filled = templates.fill("follow_up", &sample(&vorlage("follow_up")));
    filled
        .map(|mail| mail.text)
        .map_err(|error| error.to_string())
}

#[test]
fn a_changed_file_counts_at_once() {
    let folder = folder();
    let templates = read(folder.path()).unwrap();
    let before = text(&templates).unwrap();
    edit(
        folder.path().join("basis.txt"),
        "Mit freundlichen Grüßen",
        "Herzliche Grüße",
    );
    let after = text(&templates).unwrap();
    assert_eq!(
        after,
        before.replace("Mit freundlichen Grüßen", "Herzliche Grüße")
    );
    let schema = folder.path().join("follow_up/schema.json");
    edit(schema, "Wer unterschreibt.", "Ihr Name.");
    let listed = templates.list().unwrap();
    let variables = listed.iter().flat_map(|vorlage| &vorlage.variablen);
    let described = variables.filter(|variable| variable.beschreibung == "Ihr Name.");
    assert_eq!(described.count(), 1);
}

#[test]
fn a_mistake_in_a_changed_file_is_told_and_gone_when_it_is_mended() {
    let folder = folder();
    let templates = read(folder.path()).unwrap();
    let path = folder.path().join("follow_up/inhalt.txt");
    edit(path.clone(), "{{ anruf_um }}", "{{ anruf_umm }}");
    let mistake = text(&templates).unwrap_err();
    assert!(mistake.contains("anruf_umm"), "{mistake}");
    assert!(mistake.contains("follow_up/inhalt.txt:"), "{mistake}");
    edit(path, "{{ anruf_umm }}", "{{ anruf_um }}");
    assert!(text(&templates).is_ok());
}

#[test]
fn what_cannot_be_used_is_refused_at_the_start() {
    let cases: [(&str, &str, &str, &str); 6] = [
        (
            "basis.html",
            "{% block inhalt %}",
            "{% block inhalt",
            "basis.html",
        ),
        (
            "follow_up/inhalt.html",
            "{{ anruf_um }}",
            "{{ anrufum }}",
            "anrufum",
        ),
        ("follow_up/betreff.txt", "| datum", "| date", "date"),
        (
            "follow_up/schema.json",
            "\"variablen\"",
            "\"variabeln\"",
            "variabeln",
        ),
        ("follow_up/schema.json", "\"uhrzeit\"", "\"zeit\"", "zeit"),
        // Sample data that no template could be tried out with.
        ("follow_up/schema.json", "2026-11-20", "20.11.2026", "datum"),
    ];
    for (file, from, to, words) in cases {
        let folder = folder();
        edit(folder.path().join(file), from, to);
        let mistake = read(folder.path()).err().unwrap();
        assert!(mistake.contains(words), "{file}: {mistake}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let folder = folder();
    fs::remove_file(folder.path().join("confirmation/betreff.txt")).unwrap();
    let mistake = read(folder.path()).err().unwrap();
    assert!(mistake.contains("confirmation/betreff.txt"), "{mistake}");
    assert!(read(Path::new("/nowhere")).is_err());
}
