//! Telephone hours: as they are answered, in one spelling, and as they may be stated, in three.

use super::values::{SPACE, time_of_day, times_of_day};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The days as they are answered.
const ANSWERED: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// The further names that a day may have when hours are stated, in any case.
const STATED: [&str; 19] = [
    "mo",
    "montag",
    "tu",
    "di",
    "dienstag",
    "we",
    "mi",
    "mittwoch",
    "th",
    "do",
    "donnerstag",
    "fr",
    "freitag",
    "sa",
    "samstag",
    "sonnabend",
    "su",
    "so",
    "sonntag",
];

/// A window as it is answered, and one as it may be stated.
const WINDOW: &str = "Zeitfenster";
const STATED_WINDOW: &str = "StatedZeitfenster";
/// A time of a window as it is answered.
const ANSWERED_TIME: &str = "^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$";

/// Telephone hours as they are answered.
pub(crate) struct Hours;

impl PartialSchema for Hours {
    fn schema() -> RefOr<Schema> {
        let description = "The windows of each day in which somebody answers, in order; a day without any is left out.";
        let days = ObjectBuilder::new().description(Some(description));
        let days = ANSWERED.iter().fold(days, |days, day| {
            let windows = ArrayBuilder::new()
                .description(Some("The windows of this day."))
                .items(Ref::from_schema_name(WINDOW));
            days.property(*day, windows)
        });
        days.into()
    }
}

impl ToSchema for Hours {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((WINDOW.to_owned(), window(ANSWERED_TIME)));
    }
}

/// Telephone hours as they may be stated. That each window ends after it starts cannot be said here.
pub(crate) struct StatedHours;

impl PartialSchema for StatedHours {
    fn schema() -> RefOr<Schema> {
        let description = "The windows of each day, or `null`. A window ends after it starts.";
        let windows = ArrayBuilder::new().items(
            OneOfBuilder::new()
                .item(Ref::from_schema_name(STATED_WINDOW))
                .item(text(&times_of_day())),
        );
        let windows = OneOfBuilder::new().item(windows).item(null());
        let days = ObjectBuilder::new()
            .property_names(Some(text(&day())))
            .additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(windows.into()))));
        OneOfBuilder::new()
            .description(Some(description))
            .item(days)
            .item(null())
            .into()
    }
}

impl ToSchema for StatedHours {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((STATED_WINDOW.to_owned(), window(&time_of_day())));
    }
}

fn window(time: &str) -> RefOr<Schema> {
    let start = text(time).description(Some("Its first minute."));
    let end = text(time).description(Some("The minute after its last."));
    ObjectBuilder::new()
        .description(Some("A window of time on the wall clock."))
        .property("start", start)
        .required("start")
        .property("end", end)
        .required("end")
        .into()
}

fn text(pattern: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
}

fn null() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(Type::Null))
}

/// The name of a day in any case, perhaps between white space.
fn day() -> String {
    let names: Vec<String> = ANSWERED
        .iter()
        .chain(&STATED)
        .map(|name| any_case(name))
        .collect();
    format!("^[{SPACE}]*(?:{})[{SPACE}]*$", names.join("|"))
}

fn any_case(name: &str) -> String {
    let letters = name.chars();
    letters
        .map(|letter| format!("[{}{letter}]", letter.to_ascii_uppercase()))
        .collect()
}
