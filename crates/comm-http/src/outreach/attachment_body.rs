//! `attachments` of a request. A content is decoded while the body is read, so that no copy of its base64 is
//! kept, and a list that is too long is given up where it becomes so.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use comm_app::outreach::GivenAttachment;
use comm_domain::outreach::Inhaltsbytes;
use comm_domain::outreach::anhang::MAX_COUNT;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::sync::Arc;

/// Older programs leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The list, of bounded length.
pub(crate) struct Attachments(pub(crate) Vec<GivenAttachment>);

impl<'de> Deserialize<'de> for Attachments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = Attachments;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Attachments, A::Error> {
        let mut list = Vec::new();
        while let Some(Entry(entry)) = seq.next_element()? {
            if list.len() == MAX_COUNT {
                let words = format!("expected a list of at most {MAX_COUNT} entries");
                return Err(A::Error::custom(words));
            }
            list.push(entry);
        }
        Ok(Attachments(list))
    }
}

struct Entry(GivenAttachment);

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with filename and content_base64, or a path")
    }

    fn visit_str<E: Error>(self, path: &str) -> Result<Entry, E> {
        Ok(Entry(GivenAttachment::Path(path.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
        let file = File::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Entry(GivenAttachment::File {
            filename: file.filename,
            content_type: file.content_type,
            size: file.size,
            content: file.content_base64.map(|content| content.0),
        }))
    }
}

#[derive(Deserialize)]
struct File {
    filename: Option<String>,
    content_type: Option<String>,
    size: Option<u64>,
    content_base64: Option<Base64>,
}

struct Base64(Inhaltsbytes);

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Base64Visitor)
    }
}

struct Base64Visitor;

impl Visitor<'_> for Base64Visitor {
    type Value = Base64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("base64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Base64, E> {
        let decoded = match text.contains(is_space) {
            false => BASE64.decode(text),
            // Programs that write mails break the lines.
            true => BASE64.decode(text.replace(is_space, "")),
        };
        decoded
            .map(|content| Base64(Arc::new(content)))
            .map_err(|_| E::custom("expected base64"))
    }
}

fn is_space(c: char) -> bool {
    c.is_ascii_whitespace()
}
