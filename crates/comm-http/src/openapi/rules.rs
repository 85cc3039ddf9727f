//! Rules between fields. Of a new email: exactly one recipient; exactly one kind of body, written by the client or by a
//! template. Of a new call: exactly one person; an agreed callback has a day.

use super::templates::schema_name;
use super::values::text_that_says_something;
use comm_ports::templates::Vorlage;
use serde_json::Value;
use utoipa::openapi::schema::{
    AllOfBuilder, AnyOfBuilder, ObjectBuilder, OneOfBuilder, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr, Schema};

const BODIES: [&str; 3] = ["inhalt_markdown", "inhalt_html", "inhalt_text"];

/// The fields of a new email, with the rules between them.
pub(super) fn new_email(fields: RefOr<Schema>, vorlagen: &[Vorlage]) -> RefOr<Schema> {
    AllOfBuilder::new()
        .item(fields)
        .item(exactly_one_recipient())
        .item(exactly_one_source(vorlagen))
        .into()
}

/// The fields of a new call, with the rules between them.
pub(super) fn new_telefonanruf(fields: RefOr<Schema>) -> RefOr<Schema> {
    AllOfBuilder::new()
        .item(fields)
        .item(exactly_one_recipient())
        .item(a_callback_has_a_day())
        .into()
}

/// Of a call that was made and ended with an agreed callback.
fn a_callback_has_a_day() -> RefOr<Schema> {
    use comm_domain::outreach::ErgebnisArt;
    let planned = one_of_these(["geplant".into(), Value::Null]);
    let others = ErgebnisArt::ALL.iter();
    let others = others.filter(|art| **art != ErgebnisArt::RueckrufVereinbart);
    let others: Vec<Value> = others.map(|art| art.as_str().into()).collect();
    let others = others.into_iter().chain(["".into(), Value::Null]);
    let others = ObjectBuilder::new()
        .schema_type(SchemaType::AnyValue)
        .enum_values(Some(others));
    let day = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1));
    AnyOfBuilder::new()
        .item(ObjectBuilder::new().property("status", planned))
        .item(ObjectBuilder::new().property("ergebnis_art", others))
        .item(
            ObjectBuilder::new()
                .property("wiederholen_nach", day)
                .required("wiederholen_nach"),
        )
        .into()
}

fn exactly_one_recipient() -> RefOr<Schema> {
    let only = |set: &str, unset: &str| {
        ObjectBuilder::new()
            .property(set, integer_from(1))
            .property(unset, one_of_these([0.into(), Value::Null]))
            .required(set)
    };
    OneOfBuilder::new()
        .item(only("therapist_id", "patient_id"))
        .item(only("patient_id", "therapist_id"))
        .into()
}

fn exactly_one_source(vorlagen: &[Vorlage]) -> RefOr<Schema> {
    let written = OneOfBuilder::new().item(by_the_client());
    let written = vorlagen.iter().fold(written, |written, vorlage| {
        written.item(by_template(vorlage))
    });
    written.into()
}

/// A subject, at least one body, and no template.
fn by_the_client() -> RefOr<Schema> {
    let no_data = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .max_properties(Some(0));
    let subject = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1));
    let fields = ObjectBuilder::new()
        .property("betreff", subject)
        .required("betreff")
        .property("vorlage", one_of_these(["".into(), Value::Null]))
        .property("vorlage_daten", no_data);
    let bodies = BODIES.iter().fold(AnyOfBuilder::new(), |bodies, body| {
        let given = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(text_that_says_something()));
        bodies.item(ObjectBuilder::new().property(*body, given).required(*body))
    });
    AllOfBuilder::new().item(fields).item(bodies).into()
}

/// A template with its data, and no body; the template may write the subject.
fn by_template(vorlage: &Vorlage) -> RefOr<Schema> {
    let fields = ObjectBuilder::new()
        .property("vorlage", one_of_these([vorlage.name.clone().into()]))
        .required("vorlage")
        .property("vorlage_daten", Ref::from_schema_name(schema_name(vorlage)))
        .required("vorlage_daten");
    let fields = BODIES.iter().fold(fields, |fields, body| {
        fields.property(*body, one_of_these(["".into(), Value::Null]))
    });
    fields.into()
}

fn integer_from(least: i64) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(least))
}

fn one_of_these<const N: usize>(values: [Value; N]) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::AnyValue)
        .enum_values(Some(values))
}
