//! The description of the API (OpenAPI 3.1), out of the code: bodies and answers describe themselves where they are
//! declared, operations at their handlers. Here they come together.

mod attachment;
mod enums;
mod hours;
mod page;
mod parts;
mod problems;
mod rules;
mod templates;
mod values;

pub(crate) use attachment::{AttachmentChange, NewAttachment};
pub(crate) use enums::{
    Durchsetzung, EmailField, EmailStatus, ErgebnisArt, ErgebnisArtOrEmpty, Fehlerart, Grund,
    IdOrZero, Judgement, Kontaktart, Kontaktweg, Nachverfolgungsergebnis, NewEmailStatus,
    NewTelefonanrufStatus, Planungsgrund, Quelle, RecipientType, TelefonanrufStatus, Total,
    VariableTyp, Wochentag,
};
pub(crate) use hours::{Hours, StatedHours};
pub(crate) use page::{document as answer, file, to_page};
pub(crate) use problems::{
    Conflict, Directory, Invalid, NotFound, ProblemAnswer, Sending, Storage, Unreadable,
};

pub(crate) use parts::{
    EmailPage, KalenderfeedPage, KontaktPage, KontaktierbarerPage, KontaktsperreOrNull,
    QueueFiguresIfKnown, SimulationPage, SlotPage, TelefonanrufPage, VorlagePage,
};

use crate::health;
use crate::outreach::{
    attachments, bulk, email_list, emails, erreichbarkeit, follow_ups, kalender, kalender_feeds,
    kontakte, kontaktierbar, kontaktsperre, pruefung, queue_status, simulation, slots, statistik,
    system_messages, tagesliste, telefonanruf_list, telefonanrufe, vorlagen,
};
use crate::outreach::{email_body, telefonanruf_body};
use comm_ports::templates::Vorlage;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{OpenApi as Document, RefOr, Required};
use utoipa::{OpenApi, ToSchema};

/// Where a preview is asked for, by the name of the template.
const PREVIEW: &str = "/api/vorlagen/{name}/vorschau";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Communication Service",
        description = include_str!("introduction.md"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        emails::create,
        email_list::list,
        emails::get,
        emails::update,
        emails::remove,
        bulk::create,
        attachments::get,
        telefonanrufe::create,
        telefonanruf_list::list,
        telefonanrufe::get,
        telefonanrufe::update,
        telefonanrufe::remove,
        tagesliste::tagesliste,
        statistik::statistik,
        kalender::kalender,
        kalender_feeds::create,
        kalender_feeds::list,
        kalender_feeds::revoke,
        slots::list,
        erreichbarkeit::get,
        erreichbarkeit::set,
        pruefung::check,
        kontaktierbar::list,
        kontakte::list,
        kontaktsperre::set,
        simulation::simulate,
        follow_ups::run,
        vorlagen::list,
        vorlagen::preview,
        system_messages::send,
        queue_status::queue_status,
        queue_status::health,
        health::health,
        health::ready,
        health::events,
    ),
    components(schemas(ProblemAnswer, EmailField, Kontaktweg, Total)),
    tags(
        (name = "emails", description = "Emails: stored, queued, sent, answered."),
        (name = "phone-calls", description = "Phone calls: planned, moved, made, tried again."),
        (name = "kalender-feeds", description = "The calls in the calendars of the staff."),
        (name = "follow-ups", description = "Mail, silence, call: who does not answer is called."),
        (name = "therapists", description = "When therapists can be called, and contacted at all."),
        (name = "vorlagen", description = "Templates of emails."),
        (name = "system-messages", description = "Notifications to the people who run the platform."),
        (name = "health", description = "Whether the service lives and works."),
    ),
)]
struct Described;

/// The document in JSON, with the templates that a client can name, in lines that a person can compare.
///
/// # Errors
/// Never in fact: everything in it can be written as JSON.
pub fn openapi_json(vorlagen: &[Vorlage]) -> serde_json::Result<String> {
    openapi(vorlagen).to_pretty_json()
}

fn openapi(vorlagen: &[Vorlage]) -> Document {
    let mut document = Described::openapi();
    if let Some(components) = &mut document.components {
        for vorlage in vorlagen {
            let name = templates::schema_name(vorlage);
            components.schemas.insert(name, templates::daten(vorlage));
        }
        components.schemas.values_mut().for_each(values::write_out);
        let new_email = email_body::CreateBody::name();
        if let Some(fields) = components.schemas.get_mut(new_email.as_ref()) {
            *fields = rules::new_email(fields.clone(), vorlagen);
        }
        let new_telefonanruf = telefonanruf_body::CreateBody::name();
        if let Some(fields) = components.schemas.get_mut(new_telefonanruf.as_ref()) {
            *fields = rules::new_telefonanruf(fields.clone());
        }
    }
    name_previews(&mut document, vorlagen);
    for path in document.paths.paths.values_mut() {
        operations(path).for_each(complete);
    }
    document
}

/// One path for the preview of each template, since each has data of its own.
fn name_previews(document: &mut Document, vorlagen: &[Vorlage]) {
    let Some(preview) = document.paths.paths.shift_remove(PREVIEW) else {
        return;
    };
    for vorlage in vorlagen {
        let path = PREVIEW.replace("{name}", &vorlage.name);
        let item = templates::preview(preview.clone(), vorlage);
        document.paths.paths.insert(path, item);
    }
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let operations = [
        &mut path.get,
        &mut path.put,
        &mut path.post,
        &mut path.delete,
    ];
    operations.into_iter().flatten()
}

/// A parameter without a value counts as left out, as forms send it; the numbers of a page alone are always numbers.
fn may_be_empty(parameter: &Parameter) -> bool {
    let is_number_of_page = matches!(parameter.name.as_str(), "page" | "limit");
    let may_be_left_out = matches!(parameter.required, Required::False);
    matches!(parameter.parameter_in, ParameterIn::Query) && may_be_left_out && !is_number_of_page
}

/// What all operations share.
fn complete(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            parameter.schema.iter_mut().for_each(values::write_out);
            if may_be_empty(parameter) {
                let allowed = Extensions::from_iter([("allowEmptyValue", true)]);
                parameter.extensions = Some(allowed);
            }
        }
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            let id = HeaderBuilder::new()
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .description(Some(
                    "The request's own well-formed id, else a new one; the log has it too.",
                ));
            response
                .headers
                .insert("X-Request-Id".to_owned(), id.build().into());
        }
    }
}
