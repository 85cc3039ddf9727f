//! `fields=`: which fields of an email a list answers.

use super::email_answer::EmailAnswer;
use crate::problem::Problem;
use comm_app::outreach::ShownEmail;
use comm_ports::outreach::BodyColumns;
use serde::Serialize;
use serde_json::Value;

/// Every field of an email, in the contract's order.
const NAMES: &[&str] = &[
    "id",
    "therapist_id",
    "patient_id",
    "recipient_type",
    "betreff",
    "inhalt_html",
    "inhalt_text",
    "empfaenger_email",
    "empfaenger_name",
    "absender_email",
    "absender_name",
    "status",
    "antwort_erhalten",
    "antwortdatum",
    "antwortinhalt",
    "antwort_art",
    "nachverfolgung_erforderlich",
    "nachverfolgung_notizen",
    "in_warteschlange_am",
    "gesendet_am",
    "fehlermeldung",
    "fehlerart",
    "wiederholungsanzahl",
    "naechster_versuch_am",
    "message_id",
    "therapeutenanfrage_id",
    "senden_ab",
    "prioritaet",
    "vorlage",
    "attachments",
    "created_at",
    "updated_at",
];
const BODIES: [&str; 2] = ["inhalt_html", "inhalt_text"];

/// The fields that a client wants; all where it names none.
#[derive(Clone)]
pub(crate) struct Fields(Option<Vec<&'static str>>);

/// A row of a list.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Row {
    Whole(Box<EmailAnswer>),
    Narrow(Value),
}

impl Fields {
    /// Reads names separated by commas.
    pub(crate) fn parse(value: Option<&str>) -> Result<Self, Problem> {
        let Some(value) = value else {
            return Ok(Self(None));
        };
        let mut wanted = Vec::new();
        for name in value
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let known = NAMES.iter().find(|known| **known == name);
            wanted.push(*known.ok_or_else(unknown)?);
        }
        Ok(Self(Some(wanted).filter(|wanted| !wanted.is_empty())))
    }

    /// Whether the bodies are needed at all.
    pub(crate) fn bodies(&self) -> BodyColumns {
        let wants = |wanted: &Vec<&str>| wanted.iter().any(|name| BODIES.contains(name));
        match self.0.as_ref().is_none_or(wants) {
            true => BodyColumns::Read,
            false => BodyColumns::LeftOut,
        }
    }

    pub(crate) fn row(&self, email: ShownEmail) -> Row {
        let answer = EmailAnswer::from(email);
        let Some(wanted) = &self.0 else {
            return Row::Whole(Box::new(answer));
        };
        let mut value = serde_json::to_value(&answer).unwrap_or_default();
        if let Value::Object(fields) = &mut value {
            fields.retain(|name, _| wanted.contains(&name.as_str()));
        }
        Row::Narrow(value)
    }
}

fn unknown() -> Problem {
    Problem::invalid(format!("fields must be a list of: {}", NAMES.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(value: &str) -> Option<Vec<&'static str>> {
        Fields::parse(Some(value)).unwrap().0
    }

    #[test]
    fn names_are_separated_by_commas_and_no_name_is_no_wish() {
        assert_eq!(names(" id, betreff,,"), Some(vec!["id", "betreff"]));
        assert_eq!(names(" , "), None);
        for wrong in ["Betreff", "betreff;id", "id,geheim"] {
            assert!(Fields::parse(Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn bodies_are_only_read_where_they_are_wanted() {
        let bodies = |value| Fields::parse(value).unwrap().bodies();
        assert_eq!(bodies(None), BodyColumns::Read);
        assert_eq!(bodies(Some("id,inhalt_text")), BodyColumns::Read);
        assert_eq!(bodies(Some("id,betreff")), BodyColumns::LeftOut);
    }
}
