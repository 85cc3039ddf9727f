//! Kinds of values. A field of a body names its kind where its format stands; what such a value may be is written
//! down here once, with the limits of the domain.

use comm_domain::field::{LINE_MAX_CHARS, TEXT_MAX_BYTES};
use comm_domain::kontakt::ADDRESS_MAX_BYTES;
use comm_domain::outreach::anhang::CONTENT_TYPE_MAX_BYTES;
use comm_domain::outreach::kontaktregeln::BEGRUENDUNG_MAX_CHARS;
use utoipa::openapi::schema::{
    AnyOfBuilder, ArrayItems, Object, ObjectBuilder, SchemaFormat, Type,
};
use utoipa::openapi::{KnownFormat, RefOr, Schema};

/// White space within a line, for a class of a regular expression.
const BLANK: &str = r" \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000";
/// White space of every kind.
pub(super) const SPACE: &str =
    r"\u0009-\u000d \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// What breaks a line, or is no text at all.
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f\u2028\u2029";
/// Letters, digits and what else a media type is made of (RFC 6838 4.2).
const MEDIA_TOKEN: &str = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*";
/// The types whose content is not a file of its own.
const NO_FILE: &str = "[Mm][Uu][Ll][Tt][Ii][Pp][Aa][Rr][Tt]|[Mm][Ee][Ss][Ss][Aa][Gg][Ee]";

/// Writes out the kinds of a schema and of all within.
pub(super) fn write_out(schema: &mut RefOr<Schema>) {
    let RefOr::T(inner) = schema else { return };
    match inner {
        Schema::Object(object) => {
            object.properties.values_mut().for_each(write_out);
            match &object.format {
                Some(SchemaFormat::Custom(kind)) => {
                    *schema = kind_of(&kind.clone(), object.clone())
                }
                Some(SchemaFormat::KnownFormat(KnownFormat::Int64)) => within_64_bits(object),
                _ => {}
            }
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                write_out(items);
            }
        }
        Schema::OneOf(list) => list.items.iter_mut().for_each(write_out),
        Schema::AllOf(list) => list.items.iter_mut().for_each(write_out),
        Schema::AnyOf(list) => list.items.iter_mut().for_each(write_out),
        _ => {}
    }
}

/// One line that says something.
pub(super) fn line() -> String {
    format!("^[^{CONTROL}]*[^{CONTROL}{BLANK}][^{CONTROL}]*$")
}

/// One line that says something, perhaps between white space.
pub(super) fn line_amid_space() -> String {
    let word = format!("[^{CONTROL}{BLANK}]");
    format!("^[{SPACE}]*{word}(?:[^{CONTROL}]*{word})?[{SPACE}]*$")
}

/// Several lines that say something, perhaps between white space; no control character but what parts lines and
/// words.
pub(super) fn text_amid_space() -> String {
    let control = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f";
    let word = format!("[^{control}{SPACE}]");
    format!("^[{SPACE}]*{word}(?:[^{control}]*{word})?[{SPACE}]*$")
}

/// A time of day up to 24:00; seconds only if they are 00.
pub(super) fn time_of_day() -> String {
    format!("^{}$", time_amid_space(&until_midnight()))
}

/// Two of them with a hyphen between.
pub(super) fn times_of_day() -> String {
    let time = time_amid_space(&until_midnight());
    format!("^{time}-{time}$")
}

fn time_amid_space(time: &str) -> String {
    format!("[{SPACE}]*(?:{time})(?:{0}00)?[{SPACE}]*", colon())
}

fn until_midnight() -> String {
    format!("{}|24{}00", within_the_day(), colon())
}

fn within_the_day() -> String {
    format!("(?:[01]?[0-9]|2[0-3]){}[0-5][0-9]", colon())
}

fn colon() -> String {
    format!("[{SPACE}]*:[{SPACE}]*")
}

/// A text that says something.
pub(super) fn text_that_says_something() -> String {
    format!(r"^[^\u0000]*[^\u0000{SPACE}][^\u0000]*$")
}

/// Nothing but white space.
pub(super) fn blank() -> String {
    format!("^[{SPACE}]*$")
}

/// Most tools do not look at `format`.
fn within_64_bits(object: &mut Object) {
    let (least, most) = (object.minimum.take(), object.maximum.take());
    object.minimum = least.or(Some(i64::MIN.into()));
    object.maximum = most.or(Some(i64::MAX.into()));
}

fn kind_of(kind: &str, mut object: Object) -> RefOr<Schema> {
    object.format = None;
    match kind {
        "any-integer" => {}
        "line" => one_line(&mut object, line()),
        "line-or-empty" => one_line(&mut object, format!("^$|{}", line())),
        "line-or-blank" => return either(object, blank_text(), |object| one_line(object, line())),
        "text" => some_text(&mut object, r"^[^\u0000]*$".to_owned()),
        "text-that-says-something" => some_text(&mut object, text_that_says_something()),
        "reason" => {
            object.max_length = Some(BEGRUENDUNG_MAX_CHARS);
            object.pattern = Some(text_that_says_something());
        }
        "address" => address(&mut object),
        "address-or-empty" => return either(object, empty(), address),
        "address-or-blank" => return either(object, blank_text(), address),
        "timestamp-or-empty" => return either(object, empty(), date_time),
        "number-or-empty" => return either(object, empty(), within_64_bits),
        "date-or-empty" => return either(object, empty(), day),
        "time-of-day" => begin_of_call(&mut object),
        "time-or-empty" => return either(object, empty(), begin_of_call),
        "hours-and-minutes" => {
            object.pattern = Some("^(?:[01][0-9]|2[0-3]):[0-5][0-9]$".to_owned())
        }
        "truth-or-empty" => return either(object, empty(), |_| ()),
        "base64" => base64(&mut object),
        "filename" => filename(&mut object),
        "media-type-or-empty" => media_type(&mut object),
        "moment" => return moment(object),
        "words" => one_line(&mut object, r"^[^\u0000]*$".to_owned()),
        "cursor" => {
            object.pattern = Some("^(?:[0-9]{1,18}|-[0-5]?[0-9]{1,16})-[0-9]{1,18}$".to_owned())
        }
        "feed-token" => object.pattern = Some("^[0-9a-f]{64}$".to_owned()),
        "idempotency-key" => idempotency_key(&mut object),
        other => object.format = Some(SchemaFormat::Custom(other.to_owned())),
    }
    object.into()
}

/// What `shape` makes of the value, or the other; the description stands above both.
fn either(mut object: Object, other: ObjectBuilder, shape: fn(&mut Object)) -> RefOr<Schema> {
    let description = object.description.take();
    shape(&mut object);
    AnyOfBuilder::new()
        .description(description)
        .item(object)
        .item(other)
        .into()
}

fn text_like() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn empty() -> ObjectBuilder {
    text_like().max_length(Some(0))
}

fn blank_text() -> ObjectBuilder {
    text_like().pattern(Some(blank()))
}

/// An instant or a whole day.
fn moment(object: Object) -> RefOr<Schema> {
    let day = SchemaFormat::KnownFormat(KnownFormat::Date);
    either(object, text_like().format(Some(day)), date_time)
}

fn one_line(object: &mut Object, pattern: String) {
    object.max_length = Some(LINE_MAX_CHARS);
    object.pattern = Some(pattern);
}

fn some_text(object: &mut Object, pattern: String) {
    object.max_length = Some(TEXT_MAX_BYTES);
    object.pattern = Some(pattern);
}

fn address(object: &mut Object) {
    object.format = Some(SchemaFormat::Custom("email".to_owned()));
    object.max_length = Some(ADDRESS_MAX_BYTES);
}

fn date_time(object: &mut Object) {
    object.format = Some(SchemaFormat::KnownFormat(KnownFormat::DateTime));
}

fn day(object: &mut Object) {
    object.format = Some(SchemaFormat::KnownFormat(KnownFormat::Date));
}

/// A time of day at which something begins: 24:00 is only ever an end.
fn begin_of_call(object: &mut Object) {
    object.pattern = Some(format!("^{}$", time_amid_space(&within_the_day())));
}

/// Printable ASCII, bare or as a string of RFC 9651.
fn idempotency_key(object: &mut Object) {
    let bare = "[!#-~](?:[ -~]*[!-~])?";
    let quoted = r#""[ ]*(?:[!#-\[\]-~]|\\["\\])(?:[ !#-\[\]-~]|\\["\\])*""#;
    object.max_length = Some(LINE_MAX_CHARS);
    object.pattern = Some(format!("^(?:{bare}|{quoted})$"));
}

/// Base64 of RFC 4648 with white space anywhere and with or without its padding. The bits that a last letter has left
/// over are zero.
fn base64(object: &mut Object) {
    let space = r"[\u0009\u000a\u000c\u000d ]*";
    let letter = format!("[A-Za-z0-9+/]{space}");
    let one = format!("{letter}[AQgw]{space}(?:={space}){{0,2}}");
    let two = format!("(?:{letter}){{2}}[AEIMQUYcgkosw048]{space}(?:={space})?");
    object.pattern = Some(format!("^{space}(?:(?:{letter}){{4}})*(?:{one}|{two})?$"));
    object.content_encoding = "base64".to_owned();
}

/// One line without path separators, and neither of the two names that stand for folders.
fn filename(object: &mut Object) {
    let separators = r"\\/";
    let pattern = format!(
        r"^(?!\.{{1,2}}$)[^{CONTROL}{separators}]*[^{CONTROL}{BLANK}{separators}][^{CONTROL}{separators}]*$"
    );
    one_line(object, pattern);
}

fn media_type(object: &mut Object) {
    object.max_length = Some(CONTENT_TYPE_MAX_BYTES);
    object.pattern = Some(format!(
        "^$|^(?!(?:{NO_FILE})/){MEDIA_TOKEN}/{MEDIA_TOKEN}$"
    ));
}
