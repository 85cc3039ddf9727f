//! The feature `serde`: how values of scheduling look on the wire. Dates are `YYYY-MM-DD`, times `HH:MM`.

use super::erreichbarkeit::{Angabe, AngabeError, AngabeErrors, Erreichbarkeit};
use super::telefonanruf::{Dauer, Termin};
use super::uhrzeit::Uhrzeit;
use super::zeitfenster::Zeitfenster;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

impl Erreichbarkeit {
    /// [`Erreichbarkeit::parse`] for a JSON value. A field that is missing is [`Value::Null`]. Of keys that stood
    /// twice in the text a value has only the last: to see them all, deserialize an [`Angabe`].
    ///
    /// # Errors
    /// Every mistake with its place.
    pub fn parse_json(stated: &Value) -> Result<Self, AngabeErrors> {
        Self::parse(&stated.into())
    }

    /// [`Erreichbarkeit::parse_lenient`] for a JSON value: the good windows, and the mistakes beside them.
    pub fn parse_json_lenient(stated: &Value) -> (Self, Vec<AngabeError>) {
        Self::parse_lenient(&stated.into())
    }
}

/// Deepest level at which telephone hours have something to say: object, list, object, time.
const DEPTH: usize = 4;
/// How an error shows what lies deeper.
const TOO_DEEP: &str = "a structure";

impl From<&Value> for Angabe {
    fn from(value: &Value) -> Self {
        stated(value, DEPTH)
    }
}

/// Copies no deeper than needed, so that a value of any depth is read in bounded space.
fn stated(value: &Value, depth: usize) -> Angabe {
    match value {
        Value::Null => Angabe::Null,
        Value::String(text) => Angabe::Text(text.clone()),
        Value::Bool(_) | Value::Number(_) => Angabe::Other(value.to_string()),
        Value::Array(_) | Value::Object(_) if depth == 0 => Angabe::Other(TOO_DEEP.to_owned()),
        Value::Array(entries) => {
            let entries = entries.iter().map(|entry| stated(entry, depth - 1));
            Angabe::List(entries.collect())
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(key, value)| (key.clone(), stated(value, depth - 1)));
            Angabe::Object(fields.collect())
        }
    }
}

/// As it was stated. What lay too deep to be read comes back as a text.
impl Serialize for Angabe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(entries) => serializer.collect_seq(entries),
            Self::Object(fields) => {
                serializer.collect_map(fields.iter().map(|(key, value)| (key, value)))
            }
            Self::Other(text) => match serde_json::from_str::<Value>(text) {
                Ok(value @ (Value::Bool(_) | Value::Number(_))) => value.serialize(serializer),
                _ => serializer.serialize_str(text),
            },
        }
    }
}

/// The canonical spelling.
impl Serialize for Erreichbarkeit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, windows) in self.days() {
            map.serialize_entry(name, windows)?;
        }
        map.end()
    }
}

/// Strict: the error lists every mistake. A day that stands twice counts twice, which a [`Value`] cannot say.
impl<'de> Deserialize<'de> for Erreichbarkeit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stated = Angabe::deserialize(deserializer)?;
        Self::parse(&stated).map_err(D::Error::custom)
    }
}

/// Every entry in its order, also keys that stand twice.
impl<'de> Deserialize<'de> for Angabe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Entry { depth: DEPTH }.deserialize(deserializer)
    }
}

/// Reads a value down to this depth, as [`stated`] copies one; what lies below is skipped.
#[derive(Clone, Copy)]
struct Entry {
    depth: usize,
}

impl Entry {
    /// One level further down; `None` where nothing is read any more.
    fn below(self) -> Option<Self> {
        let depth = self.depth.checked_sub(1)?;
        Some(Self { depth })
    }
}

impl<'de> DeserializeSeed<'de> for Entry {
    type Value = Angabe;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Angabe, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entry {
    type Value = Angabe;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("telephone hours")
    }

    fn visit_unit<E>(self) -> Result<Angabe, E> {
        Ok(Angabe::Null)
    }

    fn visit_none<E>(self) -> Result<Angabe, E> {
        Ok(Angabe::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Angabe, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_str<E>(self, text: &str) -> Result<Angabe, E> {
        Ok(text.into())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Angabe, E> {
        Ok(Angabe::Other(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Angabe, E> {
        Ok(Angabe::Other(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Angabe, E> {
        Ok(Angabe::Other(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Angabe, E> {
        Ok(Angabe::Other(Value::from(value).to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Angabe, A::Error> {
        let Some(below) = self.below() else {
            while access.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Angabe::Other(TOO_DEEP.to_owned()));
        };
        let mut entries = Vec::new();
        while let Some(entry) = access.next_element_seed(below)? {
            entries.push(entry);
        }
        Ok(Angabe::List(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Angabe, A::Error> {
        let Some(below) = self.below() else {
            while access.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Angabe::Other(TOO_DEEP.to_owned()));
        };
        let mut fields = Vec::new();
        while let Some(key) = access.next_key()? {
            fields.push((key, access.next_value_seed(below)?));
        }
        Ok(Angabe::Object(fields))
    }
}

impl Serialize for Uhrzeit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Uhrzeit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let time = Self::parse(&text);
        time.ok_or_else(|| D::Error::custom(format_args!("{text:?} is not a time of day")))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "Zeitfenster")]
struct WireFenster {
    start: Uhrzeit,
    end: Uhrzeit,
}

impl Serialize for Zeitfenster {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (start, end) = (self.start(), self.end());
        WireFenster { start, end }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Zeitfenster {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let WireFenster { start, end } = WireFenster::deserialize(deserializer)?;
        let backwards = || D::Error::custom(format_args!("{start} to {end} is empty"));
        Self::new(start, end).ok_or_else(backwards)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "Termin")]
struct WireTermin<'a> {
    datum: Cow<'a, str>,
    zeit: Uhrzeit,
    dauer_minuten: i16,
}

impl Serialize for Termin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wire = WireTermin {
            datum: self.datum().to_string().into(),
            zeit: self.zeit().into(),
            dauer_minuten: self.dauer().minuten(),
        };
        wire.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Termin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = WireTermin::deserialize(deserializer)?;
        let datum = wire.datum.parse().map_err(D::Error::custom)?;
        let zeit = wire.zeit.naive_time();
        let zeit = zeit.ok_or_else(|| D::Error::custom("nothing starts at 24:00"))?;
        let dauer = Dauer::parse(wire.dauer_minuten.into()).map_err(D::Error::custom)?;
        Self::new(datum, zeit, dauer).map_err(D::Error::custom)
    }
}
