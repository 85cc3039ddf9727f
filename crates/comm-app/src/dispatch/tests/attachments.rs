//! A mail is sent with all of its attachments, or not at all.

use super::queue::unavailable;
use crate::Adapters;
use crate::dispatch::attempt;
use crate::testing::adapters;
use comm_domain::outreach::anhang::TOTAL_MAX_BYTES;
use comm_domain::outreach::{
    Anhaenge, Email, EmailStatus, Fehler, Fehlerart, Fehlergrund, NewAnhang, Outcome,
};
use comm_ports::AttachmentError;
use comm_ports::error::StoreError;
use comm_ports::testing::build;
use comm_ports::testing::{MockAttachmentFolder, MockMailTransport, MockOutreachStore};
use std::sync::Arc;

type Content = Result<Option<Vec<u8>>, StoreError>;
type Stored = fn() -> Content;

/// How a database that cannot read an attachment answers another question.
#[derive(Clone, Copy)]
enum Database {
    Answers,
    IsAway,
}

/// With a stored file and one in the folder.
fn email() -> Email {
    let stored = NewAnhang::with_content(0, "a.pdf", "a/b", Arc::new(b"12345".to_vec()));
    let in_folder = NewAnhang::at_path(1, "b.pdf", "c/d", ("x/b.pdf".to_owned(), 3));
    let anhaenge = Anhaenge::create(vec![stored.unwrap(), in_folder.unwrap()]).unwrap();
    let mut record = (*build::email(1, EmailStatus::WirdGesendet)).clone();
    record.anhaenge = anhaenge;
    Email::restore(record)
}

fn world(stored: Stored, file: fn() -> Result<Vec<u8>, AttachmentError>) -> Adapters {
    world_with(Database::Answers, stored, file)
}

fn world_with(
    database: Database,
    stored: Stored,
    file: fn() -> Result<Vec<u8>, AttachmentError>,
) -> Adapters {
    let mut store = MockOutreachStore::new();
    store.expect_ready().returning(move || match database {
        Database::Answers => Ok(true),
        Database::IsAway => Err(unavailable()),
    });
    store
        .expect_attachment()
        .withf(|id, number| (id.0, *number) == (1, 0))
        .returning(move |_, _| stored());
    let mut folder = MockAttachmentFolder::new();
    folder
        .expect_read()
        .withf(|path, limit| path == "x/b.pdf" && *limit == TOTAL_MAX_BYTES - 5)
        .returning(move |_, _| file());
    Adapters {
        store: Arc::new(store),
        attachments: Arc::new(folder),
        mail: Arc::new(MockMailTransport::new()),
        ..adapters()
    }
}

fn five_bytes() -> Content {
    Ok(Some(b"12345".to_vec()))
}

fn failed(art: Fehlerart, grund: Fehlergrund, filename: &str) -> Outcome {
    Outcome::Failed(Fehler::of_anhang(art, grund, filename))
}

#[tokio::test]
async fn both_kinds_of_files_are_sent_along_in_their_order() {
    let mut mail = MockMailTransport::new();
    mail.expect_send_while().once().returning(|mail, _| {
        let files = mail.attachments.iter();
        let files: Vec<_> = files
            .map(|file| {
                (
                    file.filename.as_str(),
                    file.content_type.as_str(),
                    file.content.as_slice(),
                )
            })
            .collect();
        assert_eq!(
            files,
            [
                ("a.pdf", "a/b", &b"12345"[..]),
                ("b.pdf", "c/d", &b"xyz"[..])
            ]
        );
        Outcome::Accepted
    });
    let adapters = Adapters {
        mail: Arc::new(mail),
        ..world(five_bytes, || Ok(b"xyz".to_vec()))
    };
    assert_eq!(
        attempt(&adapters, &email(), Arc::new(|| true)).await,
        Outcome::Accepted
    );
}

/// The mocked server refuses every call.
#[tokio::test]
async fn a_mail_is_not_sent_while_its_attachment_cannot_be_read() {
    use Fehlerart::{Endgueltig, Voruebergehend};
    use Fehlergrund::{AnhangFehlt, AnhangUnlesbar, AnhangZuGross};
    let unreadable = || failed(Voruebergehend, AnhangUnlesbar, "a.pdf");
    let in_database: [(Database, Stored, Outcome); 4] = [
        (Database::IsAway, || Err(unavailable()), Outcome::CalledOff),
        (Database::Answers, || Err(unavailable()), unreadable()),
        (
            Database::Answers,
            || Err(StoreError::Corrupt("a row".to_owned())),
            unreadable(),
        ),
        (
            Database::Answers,
            || Ok(None),
            failed(Endgueltig, AnhangFehlt, "a.pdf"),
        ),
    ];
    for (database, stored, outcome) in in_database {
        let adapters = world_with(database, stored, || Ok(Vec::new()));
        assert_eq!(
            attempt(&adapters, &email(), Arc::new(|| true)).await,
            outcome
        );
    }
    let in_folder: [(fn() -> AttachmentError, Outcome); 4] = [
        (
            || AttachmentError::NotFound,
            failed(Endgueltig, AnhangFehlt, "b.pdf"),
        ),
        (
            || AttachmentError::NotConfigured,
            failed(Endgueltig, AnhangFehlt, "b.pdf"),
        ),
        (
            || AttachmentError::TooLarge,
            failed(Endgueltig, AnhangZuGross, "b.pdf"),
        ),
        (
            || AttachmentError::Unreadable("a disk".into()),
            failed(Voruebergehend, AnhangUnlesbar, "b.pdf"),
        ),
    ];
    for (error, outcome) in in_folder {
        let mut folder = MockAttachmentFolder::new();
        folder.expect_read().returning(move |_, _| Err(error()));
        let adapters = Adapters {
            attachments: Arc::new(folder),
            ..world(five_bytes, || Ok(Vec::new()))
        };
        assert_eq!(
            attempt(&adapters, &email(), Arc::new(|| true)).await,
            outcome
        );
    }
}
