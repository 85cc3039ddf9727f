//! The enumerations of the wire, with the spellings that the domain gives them.

use crate::outreach::erreichbarkeit_answer::QUELLEN;
use crate::outreach::fields::NAMES;
use crate::outreach::kontakt_answer::ARTEN;
use crate::outreach::statistik::wochentag;
use chrono::Weekday;
use comm_domain::outreach;
use comm_ports::templates::Typ;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Gives an enumeration of the domain a schema under its own name.
macro_rules! enumeration {
    ($name:ident, $description:literal) => {
        #[doc = $description]
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let spellings = outreach::$name::ALL.iter().map(|value| value.as_str());
                spelt(spellings).description(Some($description)).into()
            }
        }

        impl ToSchema for $name {}
    };
}

enumeration!(
    EmailStatus,
    "Where an email stands. `Wird_gesendet`: it is under way at this moment."
);
enumeration!(
    Fehlerart,
    "What kind of failure the last attempt met: it may work later, it will not work like this, or the mail may have \
     arrived and a person decides."
);
enumeration!(ErgebnisArt, "What an answer said.");
enumeration!(RecipientType, "Whom an email or a call is for.");
enumeration!(
    TelefonanrufStatus,
    "Where a call stands. `geplant`: it holds its slot."
);
enumeration!(Grund, "Why something is not possible.");
enumeration!(
    Planungsgrund,
    "Why a call was planned: a client asked for it, emails are unanswered, the attempt before reached nobody, or it was \
     agreed at the call before."
);

enumeration!(Durchsetzung, "What a broken contact rule leads to.");
enumeration!(
    Kontaktweg,
    "By which way a therapist is contacted: a mail that is queued, or a call that is booked."
);

/// What a contact was.
pub(crate) struct Kontaktart;

impl PartialSchema for Kontaktart {
    fn schema() -> RefOr<Schema> {
        spelt(ARTEN).into()
    }
}

impl ToSchema for Kontaktart {}

/// An id, or 0, which counts as left out.
pub(crate) struct IdOrZero;

impl PartialSchema for IdOrZero {
    fn schema() -> RefOr<Schema> {
        let id = ObjectBuilder::new().schema_type(Type::Integer);
        id.minimum(Some(0)).maximum(Some(i64::MAX)).into()
    }
}

impl ToSchema for IdOrZero {}

/// What came of an email in a run of the follow-ups.
pub(crate) struct Nachverfolgungsergebnis;

impl PartialSchema for Nachverfolgungsergebnis {
    fn schema() -> RefOr<Schema> {
        let spellings = outreach::nachverfolgung::Ergebnis::ALL.iter();
        spelt(spellings.map(|value| value.as_str())).into()
    }
}

impl ToSchema for Nachverfolgungsergebnis {}

/// A day of the week.
pub(crate) struct Wochentag;

impl PartialSchema for Wochentag {
    fn schema() -> RefOr<Schema> {
        use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
        spelt([Mon, Tue, Wed, Thu, Fri, Sat, Sun].map(wochentag)).into()
    }
}

impl ToSchema for Wochentag {}

/// Who stated telephone hours.
pub(crate) struct Quelle;

impl PartialSchema for Quelle {
    fn schema() -> RefOr<Schema> {
        spelt(QUELLEN).into()
    }
}

impl ToSchema for Quelle {}

/// A field of an email.
pub(crate) struct EmailField;

impl PartialSchema for EmailField {
    fn schema() -> RefOr<Schema> {
        spelt(NAMES.iter().copied()).into()
    }
}

impl ToSchema for EmailField {}

/// How far a total is counted.
pub(crate) struct Total;

impl PartialSchema for Total {
    fn schema() -> RefOr<Schema> {
        spelt(["exact"]).into()
    }
}

impl ToSchema for Total {}

/// What somebody who watches reads.
pub(crate) struct Judgement;

impl PartialSchema for Judgement {
    fn schema() -> RefOr<Schema> {
        spelt(["healthy", "unhealthy"]).into()
    }
}

impl ToSchema for Judgement {}

/// What the value of a variable must be.
pub(crate) struct VariableTyp;

impl PartialSchema for VariableTyp {
    fn schema() -> RefOr<Schema> {
        use Typ::{Datum, Ganzzahl, Liste, Text, Uhrzeit, Zeile};
        let all = [
            Zeile,
            Text,
            Ganzzahl(0..=0),
            Datum,
            Uhrzeit,
            Liste(Vec::new()),
        ];
        spelt(all.map(|typ| typ.as_str())).into()
    }
}

impl ToSchema for VariableTyp {}

/// The states that a new email may have.
pub(crate) struct NewEmailStatus;

impl PartialSchema for NewEmailStatus {
    fn schema() -> RefOr<Schema> {
        use outreach::EmailStatus::{Entwurf, InWarteschlange};
        spelt([Entwurf, InWarteschlange].map(outreach::EmailStatus::as_str)).into()
    }
}

impl ToSchema for NewEmailStatus {}

/// The states that a new call may have.
pub(crate) struct NewTelefonanrufStatus;

impl PartialSchema for NewTelefonanrufStatus {
    fn schema() -> RefOr<Schema> {
        use outreach::TelefonanrufStatus::{Abgeschlossen, Geplant};
        spelt([Geplant, Abgeschlossen].map(outreach::TelefonanrufStatus::as_str)).into()
    }
}

impl ToSchema for NewTelefonanrufStatus {}

/// What an answer said, or nothing.
pub(crate) struct ErgebnisArtOrEmpty;

impl PartialSchema for ErgebnisArtOrEmpty {
    fn schema() -> RefOr<Schema> {
        let all = outreach::ErgebnisArt::ALL.iter();
        spelt(all.map(|art| art.as_str()).chain([""])).into()
    }
}

impl ToSchema for ErgebnisArtOrEmpty {}

fn spelt(spellings: impl IntoIterator<Item = &'static str>) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(spellings))
}
