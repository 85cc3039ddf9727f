//! Values with the contract's spelling: timestamps, dates, times of day, and fields that can be left out, cleared or
//! set.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use comm_domain::FieldError;
use comm_domain::field::{self, TEXT_MAX_BYTES};
use comm_domain::outreach::{Patch, spelling};
use comm_domain::timestamp;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::fmt;
use std::marker::PhantomData;

/// ISO 8601 in UTC with microseconds; on input an offset-less timestamp is UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timestamp(pub(crate) DateTime<Utc>);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.format("%Y-%m-%dT%H:%M:%S%.6fZ"))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        timestamp::parse(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom("expected a timestamp like 2026-01-31T09:15:00Z"))
    }
}

/// A day, `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Datum(pub(crate) NaiveDate);

impl Datum {
    /// A day that follows from another one: the last on the wire has none after it.
    pub(crate) fn if_told(day: NaiveDate) -> Option<Self> {
        (day.year() <= 9999).then_some(Self(day))
    }
}

impl Serialize for Datum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Datum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom(format_args!("expected {}", spelling::DATE));
        spelling::date(&text).map(Self).ok_or_else(wrong)
    }
}

/// A time of day on the wall clock, `HH:MM`; on input also `H:MM` and `HH:MM:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Zeit(pub(crate) NaiveTime);

impl Serialize for Zeit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.format("%H:%M"))
    }
}

impl<'de> Deserialize<'de> for Zeit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom(format_args!("expected {}", spelling::TIME_OF_DAY));
        spelling::time_of_day(&text).map(Self).ok_or_else(wrong)
    }
}

/// A whole number of 64 bits that is not below `LEAST`. JSON has one kind of numbers, so `7.0` is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Integer<const LEAST: i64 = { i64::MIN }>(pub(crate) i64);

impl<'de, const LEAST: i64> Deserialize<'de> for Integer<LEAST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IntegerVisitor)
    }
}

/// The number that was given, if one was.
pub(crate) fn number(given: Option<Integer>) -> Option<i64> {
    given.map(|number| number.0)
}

struct IntegerVisitor<const LEAST: i64>;

impl<const LEAST: i64> Visitor<'_> for IntegerVisitor<LEAST> {
    type Value = Integer<LEAST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match LEAST {
            i64::MIN => f.write_str("a 64-bit integer"),
            least => write!(f, "a 64-bit integer, at least {least}"),
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        match number >= LEAST {
            true => Ok(Integer(number)),
            false => Err(E::invalid_value(Unexpected::Signed(number), &self)),
        }
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        let signed = i64::try_from(number);
        let signed = signed.map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))?;
        self.visit_i64(signed)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        let whole = field::whole(number);
        let whole = whole.ok_or_else(|| E::invalid_type(Unexpected::Float(number), &self))?;
        self.visit_i64(whole)
    }
}

/// A field of a `PUT`: left out or `null`, `""`, or a value.
#[derive(Debug, Clone)]
pub(crate) struct Field<T>(pub(crate) Patch<T>);

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self(Patch::Keep)
    }
}

/// Without a tree in between: sixteen megabytes of small values would take a hundred times as much.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(PatchVisitor(PhantomData))
            .map(Self)
    }
}

struct PatchVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PatchVisitor<T> {
    type Value = Patch<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Patch<T>, E> {
        Ok(Patch::Keep)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Patch<T>, E> {
        match text {
            "" => Ok(Patch::Clear),
            text => set(text.into_deserializer()),
        }
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Patch<T>, E> {
        set(truth.into_deserializer())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Patch<T>, E> {
        set(number.into_deserializer())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Patch<T>, E> {
        set(number.into_deserializer())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Patch<T>, E> {
        set(number.into_deserializer())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Patch<T>, A::Error> {
        set(SeqAccessDeserializer::new(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Patch<T>, A::Error> {
        set(MapAccessDeserializer::new(map))
    }
}

fn set<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Patch<T>, D::Error> {
    T::deserialize(value).map(Patch::Set)
}

/// What stands in an object of its own: a struct could be read from an array, too, by position.
pub(crate) struct OnlyObject<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OnlyObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(PhantomData))
    }
}

struct Members<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
    type Value = OnlyObject<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<OnlyObject<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(OnlyObject)
    }
}

impl<T> Field<T> {
    /// Of something new, what is empty counts as left out.
    pub(crate) fn given(self) -> Option<T> {
        match self.0 {
            Patch::Set(value) => Some(value),
            Patch::Keep | Patch::Clear => None,
        }
    }

    /// What is asked of the field, with the value brought into the form that the rules know.
    pub(crate) fn convert<U>(
        self,
        parse: impl FnOnce(T) -> Result<U, FieldError>,
    ) -> Result<Patch<U>, FieldError> {
        Ok(match self.0 {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(value) => Patch::Set(parse(value)?),
        })
    }

    /// The same for values that need no rules.
    pub(crate) fn map<U>(self, shape: impl FnOnce(T) -> U) -> Patch<U> {
        match self.0 {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(value) => Patch::Set(shape(value)),
        }
    }
}

/// A template's data, not looked into yet: as a tree, a few megabytes of brackets would take a hundred.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Vorlagedaten(Box<RawValue>);

impl Vorlagedaten {
    const NAME: &str = "vorlage_daten";

    /// The data, if they are of the size of a body at most.
    pub(crate) fn parse(&self) -> Result<Map<String, Value>, FieldError> {
        let json = self.0.get();
        if json.len() > TEXT_MAX_BYTES {
            return Err(FieldError::TooLarge {
                field: Self::NAME,
                limit: TEXT_MAX_BYTES,
            });
        }
        serde_json::from_str(json).map_err(|_| FieldError::invalid(Self::NAME, "must be an object"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_read_with_and_without_an_offset() {
        for text in [
            "2026-01-31T09:15:00.123456Z",
            "2026-01-31T09:15:00.123456",
            "2026-01-31 09:15:00.123456",
            "2026-01-31T10:15:00.123456+01:00",
            "2026-01-31T10:15:00.123456+0100",
            "2026-01-31T09:15:00.123456999Z",
        ] {
            let at: Timestamp = serde_json::from_value(text.into()).unwrap();
            assert_eq!(
                serde_json::to_value(at).unwrap(),
                "2026-01-31T09:15:00.123456Z",
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_timestamp_is_an_error() {
        for text in [
            "",
            "2026-01-31",
            "31.01.2026",
            "2026-13-01T00:00:00Z",
            "+12026-01-01T00:00:00Z",
        ] {
            assert!(
                serde_json::from_value::<Timestamp>(text.into()).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn days_and_times_of_day_have_one_spelling_on_output() {
        let date: Datum = serde_json::from_value("2026-01-31".into()).unwrap();
        assert_eq!(serde_json::to_value(date).unwrap(), "2026-01-31");
        for text in ["9:05", "09:05", "09:05:00"] {
            let time: Zeit = serde_json::from_value(text.into()).unwrap();
            assert_eq!(serde_json::to_value(time).unwrap(), "09:05", "{text}");
        }
        for text in [
            "",
            "2026-1-31",
            "31.01.2026",
            "2026-02-30",
            "2026-01-31T00:00:00Z",
        ] {
            assert!(
                serde_json::from_value::<Datum>(text.into()).is_err(),
                "{text}"
            );
        }
        for text in [
            "", "9", "9:5", "24:00", "12:60", "09:05:30", "9.05", "-1:00",
        ] {
            assert!(
                serde_json::from_value::<Zeit>(text.into()).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_field_is_kept_cleared_or_set() {
        let field = |json: &str| serde_json::from_str::<Field<Integer>>(json).map(|field| field.0);
        assert_eq!(field("null").unwrap(), Patch::Keep);
        assert_eq!(field("\"\"").unwrap(), Patch::Clear);
        assert_eq!(field("5").unwrap(), Patch::Set(Integer(5)));
        for json in ["\"x\"", "true", "[5]", "{\"a\":5}", "5.5"] {
            assert!(field(json).is_err(), "{json}");
        }
        let text = serde_json::from_str::<Field<String>>("\"\\u0041\"").unwrap();
        assert_eq!(text.0, Patch::Set("A".to_owned()));
        let truth = serde_json::from_str::<Field<bool>>("false").unwrap();
        assert_eq!(truth.0, Patch::Set(false));
    }

    #[test]
    fn a_number_without_a_fraction_is_an_integer() {
        let integer = |json: &str| serde_json::from_str::<Integer>(json).ok();
        for (json, number) in [("7", 7), ("7.0", 7), ("-1e3", -1000), ("0.0", 0)] {
            assert_eq!(integer(json), Some(Integer(number)), "{json}");
        }
        for json in [
            "7.5",
            "1e30",
            "9223372036854775808",
            "\"7\"",
            "true",
            "null",
            "[7]",
        ] {
            assert_eq!(integer(json), None, "{json}");
        }
        assert!(serde_json::from_str::<Integer<0>>("-1").is_err());
    }
}
