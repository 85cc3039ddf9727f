//! What the templates make of the document: each has data of its own, and so a preview of its own.

use super::values::{blank, line_amid_space, text_amid_space, time_of_day};
use comm_app::outreach::{VORLAGE_LIST_MAX, VORLAGE_TEXT_MAX_CHARS};
use comm_domain::field::LINE_MAX_CHARS;
use comm_ports::templates::{Typ, Variable, Vorlage};
use utoipa::openapi::path::PathItem;
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, ObjectBuilder, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{ContentBuilder, KnownFormat, OneOfBuilder, Ref, RefOr, Schema};

/// The name of the schema that a template's data must fit: `FollowUpDaten` for `follow_up`.
pub(super) fn schema_name(vorlage: &Vorlage) -> String {
    let words = vorlage.name.split('_').map(capitalised);
    format!("{}Daten", words.collect::<String>())
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The data of a template.
pub(super) fn daten(vorlage: &Vorlage) -> RefOr<Schema> {
    let description = format!("Data of the template `{}`.", vorlage.name);
    let schema = object(&vorlage.variablen).description(Some(description));
    schema.examples([vorlage.beispieldaten.clone()]).into()
}

fn object(variablen: &[Variable]) -> ObjectBuilder {
    let known_alone = AdditionalProperties::<Schema>::FreeForm(false);
    let object = ObjectBuilder::new().additional_properties(Some(known_alone));
    variablen.iter().fold(object, |object, variable| {
        let object = object.property(&variable.name, value(variable));
        match variable.pflicht {
            true => object.required(&variable.name),
            false => object,
        }
    })
}

/// `null` and white space stand for one that is left out.
fn value(variable: &Variable) -> RefOr<Schema> {
    let value = given(&variable.typ);
    if variable.pflicht {
        return described(value, &variable.beschreibung);
    }
    let absent = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .max_length(Some(LINE_MAX_CHARS))
        .pattern(Some(blank()));
    let either = AnyOfBuilder::new().item(value).item(absent);
    either
        .description(Some(variable.beschreibung.clone()))
        .into()
}

fn given(typ: &Typ) -> Schema {
    match typ {
        Typ::Zeile => text(&line_amid_space(), LINE_MAX_CHARS),
        Typ::Text => text(&text_amid_space(), VORLAGE_TEXT_MAX_CHARS),
        Typ::Uhrzeit => text(&time_of_day(), LINE_MAX_CHARS),
        Typ::Datum => ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .into(),
        Typ::Ganzzahl(range) => ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(*range.start()))
            .maximum(Some(*range.end()))
            .into(),
        Typ::Liste(felder) => ArrayBuilder::new()
            .items(RefOr::from(Schema::from(object(felder))))
            .min_items(Some(1))
            .max_items(Some(VORLAGE_LIST_MAX))
            .into(),
    }
}

fn text(pattern: &str, most: usize) -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(most))
        .pattern(Some(pattern))
        .into()
}

fn described(mut schema: Schema, description: &str) -> RefOr<Schema> {
    let description = Some(description.to_owned());
    match &mut schema {
        Schema::Object(object) => object.description = description,
        Schema::Array(array) => array.description = description,
        _ => {}
    }
    schema.into()
}

/// The preview of one template, out of what is said of all.
pub(super) fn preview(mut path: PathItem, vorlage: &Vorlage) -> PathItem {
    let Some(operation) = &mut path.post else {
        return path;
    };
    operation.operation_id = Some(format!("preview_{}", vorlage.name));
    operation.summary = Some(format!(
        "Previews a mail from the template `{}`",
        vorlage.name
    ));
    operation.parameters = None;
    let daten = OneOfBuilder::new()
        .description(Some("The data; left out, the sample data."))
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .item(Ref::from_schema_name(schema_name(vorlage)));
    let footer = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Boolean, Type::Null]))
        .description(Some("Whether the legal footer is shown."))
        .default(Some(true.into()));
    let body = ObjectBuilder::new()
        .property("vorlage_daten", daten)
        .property("add_legal_footer", footer);
    let content = ContentBuilder::new().schema(Some(body.build()));
    let body = RequestBodyBuilder::new().content("application/json", content.build());
    operation.request_body = Some(body.build().into());
    path
}
