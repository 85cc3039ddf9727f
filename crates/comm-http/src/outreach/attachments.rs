//! `/api/emails/{id}/attachments/{n}` (contract, 'Attachments').

use super::emails::id;
use crate::problem::Problem;
use actix_web::http::header::{
    self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
};
use actix_web::{HttpResponse, web};
use comm_app::{Emails, OutreachError};

/// A file of somebody else's must not become a page of ours in a browser.
const NO_PAGE: [(header::HeaderName, &str); 2] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "sandbox"),
];

pub(crate) async fn get(
    emails: web::Data<Emails>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let place = path.1.parse();
    let place = place.map_err(|_| OutreachError::AttachmentNotFound);
    let attachment = emails.attachment(id(&path.0)?, place?).await?;
    let mut answer = HttpResponse::Ok();
    for security in NO_PAGE {
        answer.insert_header(security);
    }
    Ok(answer
        .content_type(attachment.content_type)
        .insert_header(disposition(attachment.filename))
        .body(attachment.content))
}

/// To be saved, under its own name (RFC 6266).
fn disposition(filename: String) -> ContentDisposition {
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::FilenameExt(ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: filename.into_bytes(),
        })],
    }
}
