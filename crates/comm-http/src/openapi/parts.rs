//! Parts of answers: the pages of lists, and what may be missing, as rows of which a client wants some fields and figures
//! that nobody knows.

use crate::outreach::email_answer::EmailAnswer;
use crate::outreach::erreichbarkeit_answer::ErreichbarkeitAnswer;
use crate::outreach::kalender_feeds::FeedAnswer;
use crate::outreach::kontakt_answer::KontaktAnswer;
use crate::outreach::kontakte::RegelstandAnswer;
use crate::outreach::kontaktierbar::KontaktierbarerAnswer;
use crate::outreach::kontaktsperre::SperreBody;
use crate::outreach::list_answer::ListEnd;
use crate::outreach::queue_status::FiguresAnswer;
use crate::outreach::simulation_answer::{RegelnAnswer, SimulierterAnswer, ZusammenfassungAnswer};
use crate::outreach::slots::{SlotAnswer, TagOhneTermin};
use crate::outreach::telefonanruf_answer::TelefonanrufAnswer;
use crate::outreach::vorlagen::VorlageAnswer;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Declares the schema of an answer whose fields may all be missing.
macro_rules! partly {
    ($name:ident, $whole:ty, $description:literal) => {
        #[doc = $description]
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let mut schema = <$whole>::schema();
                if let RefOr::T(Schema::Object(whole)) = &mut schema {
                    whole.description = Some($description.to_owned());
                    whole.required.clear();
                }
                schema
            }
        }

        impl ToSchema for $name {
            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                <$whole>::schemas(schemas);
            }
        }
    };
}

partly!(
    EmailRow,
    EmailAnswer,
    "An email, with the fields that were asked for."
);
partly!(
    QueueFiguresIfKnown,
    FiguresAnswer,
    "Figures; none without a database."
);

/// A page of emails.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "a stream of rows is written; here it is described"
)]
pub(crate) struct EmailPage {
    /// The emails, newest first.
    data: Vec<EmailRow>,
    #[serde(flatten)]
    end: ListEnd,
}

/// A page of templates.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`ListAnswer` is written; here it is described")]
pub(crate) struct VorlagePage {
    /// The templates, by name.
    data: Vec<VorlageAnswer>,
    #[serde(flatten)]
    end: ListEnd,
}

/// A page of calls.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`ListAnswer` is written; here it is described")]
pub(crate) struct TelefonanrufPage {
    /// The calls, by the planned day and time, the latest first.
    data: Vec<TelefonanrufAnswer>,
    #[serde(flatten)]
    end: ListEnd,
}

/// A page of free slots.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`ListAnswer` is written; here it is described")]
pub(crate) struct SlotPage {
    /// The slots, the earliest first.
    data: Vec<SlotAnswer>,
    #[serde(flatten)]
    end: ListEnd,
    /// The days without a free slot, those of other pages too, each with its reason.
    gruende: Vec<TagOhneTermin>,
    /// The hours that were searched.
    erreichbarkeit: ErreichbarkeitAnswer,
}

/// A page of calendar feeds.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`ListAnswer` is written; here it is described")]
pub(crate) struct KalenderfeedPage {
    /// The feeds, newest first.
    data: Vec<FeedAnswer>,
    #[serde(flatten)]
    end: ListEnd,
}

/// A block by hand; `null` lifts it.
pub(crate) struct KontaktsperreOrNull;

impl PartialSchema for KontaktsperreOrNull {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new()
            .description(Some("A block by hand, or `null` to lift it."))
            .item(Ref::from_schema_name(SperreBody::name()))
            .item(ObjectBuilder::new().schema_type(SchemaType::new(Type::Null)))
            .into()
    }
}

impl ToSchema for KontaktsperreOrNull {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((SperreBody::name().into_owned(), SperreBody::schema()));
        SperreBody::schemas(schemas);
    }
}

/// A page of the contacts of a therapist.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`ListAnswer` is written; here it is described")]
pub(crate) struct KontaktPage {
    /// The mails and calls, newest first.
    data: Vec<KontaktAnswer>,
    #[serde(flatten)]
    end: ListEnd,
    /// What the contact rules say today.
    regelstand: RegelstandAnswer,
}

/// A page of therapists who may be contacted.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`ListAnswer` is written; here it is described")]
pub(crate) struct KontaktierbarerPage {
    /// The therapists, in the order in which they are to be contacted.
    data: Vec<KontaktierbarerAnswer>,
    #[serde(flatten)]
    end: ListEnd,
}

/// A page of what would become of therapists.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`ListAnswer` is written; here it is described")]
pub(crate) struct SimulationPage {
    /// The day.
    am: chrono::NaiveDate,
    /// The rules.
    regeln: RegelnAnswer,
    /// How all therapists fare, those of other pages too.
    zusammenfassung: ZusammenfassungAnswer,
    /// The therapists, in the order in which they are to be contacted.
    data: Vec<SimulierterAnswer>,
    #[serde(flatten)]
    end: ListEnd,
}
