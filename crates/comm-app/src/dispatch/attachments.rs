//! The attachments of a mail that is about to be sent. It is never sent without them.

use crate::Adapters;
use comm_domain::outreach::anhang::TOTAL_MAX_BYTES;
use comm_domain::outreach::{Anhang, Email, Fehler, Fehlerart, Fehlergrund, Outcome, Quelle};
use comm_ports::{AttachmentError, OutgoingAttachment};
use tracing::warn;

/// Every attachment with its content, or how the attempt ends because one cannot be had.
pub(super) async fn load(
    adapters: &Adapters,
    email: &Email,
) -> Result<Vec<OutgoingAttachment>, Outcome> {
    let mut attachments = Vec::with_capacity(email.anhaenge.len());
    let mut room = TOTAL_MAX_BYTES;
    for anhang in email.anhaenge.iter() {
        let content = content(adapters, email, anhang, room).await?;
        let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
        room = room.saturating_sub(size);
        attachments.push(OutgoingAttachment {
            filename: anhang.filename().to_owned(),
            content_type: anhang.content_type().to_owned(),
            content,
        });
    }
    Ok(attachments)
}

async fn content(
    adapters: &Adapters,
    email: &Email,
    anhang: &Anhang,
    room: u64,
) -> Result<Vec<u8>, Outcome> {
    use Fehlerart::{Endgueltig, Voruebergehend};
    use Fehlergrund::{AnhangFehlt, AnhangUnlesbar, AnhangZuGross};
    let failed = |art, grund| Outcome::Failed(Fehler::of_anhang(art, grund, anhang.filename()));
    match &anhang.quelle {
        Quelle::Gespeichert(number) => match adapters.store.attachment(email.id, *number).await {
            Ok(content) => content.ok_or_else(|| failed(Endgueltig, AnhangFehlt)),
            Err(error) => {
                warn!(email_id = email.id.0, %error, "An attachment cannot be read from the database");
                // That the database is away is not the mail's fault.
                let is_away = error.is_transient() && adapters.store.ready().await.is_err();
                Err(match is_away {
                    true => Outcome::CalledOff,
                    false => failed(Voruebergehend, AnhangUnlesbar),
                })
            }
        },
        Quelle::Pfad(path) => {
            let read = adapters.attachments.read(path, room).await;
            read.map_err(|error| match error {
                AttachmentError::NotFound | AttachmentError::NotConfigured => {
                    failed(Endgueltig, AnhangFehlt)
                }
                AttachmentError::TooLarge => failed(Endgueltig, AnhangZuGross),
                AttachmentError::Unreadable(_) => {
                    warn!(
                        email_id = email.id.0,
                        "The attachment folder cannot be read"
                    );
                    failed(Voruebergehend, AnhangUnlesbar)
                }
            })
        }
    }
}
