//! `POST /api/system-messages` (contract, 'Email').

use crate::extract::{JsonBody, LIMIT};
use crate::idempotency;
use crate::openapi::{Sending, Unreadable};
use crate::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use comm_app::SystemMessages;
use comm_app::outreach::SystemMessage;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[schema(as = SystemMessage)]
pub(crate) struct SystemMessageBody {
    /// The subject, one line.
    #[schema(value_type = String, format = "line")]
    subject: Option<String>,
    /// What it says.
    #[schema(value_type = String, format = "text-that-says-something")]
    message: Option<String>,
    /// The sender's name; from the configuration where it is left out.
    #[schema(format = "line-or-blank")]
    sender_name: Option<String>,
    /// Where it goes; `SYSTEM_NOTIFICATION_EMAIL` where it is left out.
    #[schema(format = "address-or-blank")]
    recipient_email: Option<String>,
    /// The recipient's name; the address where it is left out.
    #[schema(format = "line-or-blank")]
    recipient_name: Option<String>,
    /// Whether `message` is markdown and not plain text.
    #[schema(default = false)]
    process_markdown: Option<bool>,
    /// Whether the legal footer is shown.
    #[schema(default = false)]
    add_legal_footer: Option<bool>,
}

/// That a system message was sent.
#[derive(Serialize, ToSchema)]
#[schema(as = SystemMessageSent)]
pub(crate) struct SystemMessageAnswer {
    /// That it is done, in a sentence.
    message: &'static str,
    /// Where it went.
    recipient: String,
}

/// Sends a notification at once
///
/// It is not stored, and not sent again by itself.
#[utoipa::path(
    post,
    operation_id = "send_system_message",
    path = "/api/system-messages",
    tag = "system-messages",
    request_body(content = SystemMessageBody, example = json!({
        "subject": "Sicherung",
        "message": "Die Sicherung ist fertig.",
    })),
    responses((status = 200, description = "It was sent.", body = SystemMessageAnswer), Unreadable, Sending)
)]
pub(crate) async fn send(
    request: HttpRequest,
    system_messages: web::Data<SystemMessages>,
    body: JsonBody<SystemMessageBody, LIMIT>,
) -> Result<HttpResponse, Problem> {
    idempotency::refuse(&request)?;
    let body = body.0;
    let message = SystemMessage {
        subject: body.subject,
        message: body.message,
        sender_name: body.sender_name,
        recipient_email: body.recipient_email,
        recipient_name: body.recipient_name,
        process_markdown: body.process_markdown.unwrap_or(false),
        add_legal_footer: body.add_legal_footer.unwrap_or(false),
    };
    let recipient = system_messages.send(message).await?;
    let message = "System message sent successfully";
    Ok(HttpResponse::Ok().json(SystemMessageAnswer { message, recipient }))
}
