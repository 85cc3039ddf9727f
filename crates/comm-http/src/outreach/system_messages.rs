//! `POST /api/system-messages` (contract, 'Email').

use crate::extract::{JsonBody, LIMIT};
use crate::idempotency;
use crate::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use comm_app::SystemMessages;
use comm_app::outreach::SystemMessage;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
pub(crate) struct SystemMessageBody {
    subject: Option<String>,
    message: Option<String>,
    sender_name: Option<String>,
    recipient_email: Option<String>,
    recipient_name: Option<String>,
    process_markdown: Option<bool>,
    add_legal_footer: Option<bool>,
}

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
    let answer = json!({"message": "System message sent successfully", "recipient": recipient});
    Ok(HttpResponse::Ok().json(answer))
}
