//! What a simulation of contact rules answers.

use super::wegstand::Wegstand;
use crate::openapi;
use comm_app::outreach::{Anstehend, Simulierter, Wegbilanz};
use comm_domain::outreach::Kontaktregeln;
use serde::Serialize;
use utoipa::ToSchema;

/// The rules that were simulated.
#[derive(Serialize, ToSchema)]
#[schema(as = Regeln)]
pub(crate) struct RegelnAnswer {
    /// At most one mail in 7 days.
    #[schema(value_type = openapi::Durchsetzung)]
    wochenfrist: &'static str,
    /// No contact for 4 weeks after a refusal.
    #[schema(value_type = openapi::Durchsetzung)]
    sperrfrist: &'static str,
    /// No contact while blocked by hand.
    #[schema(value_type = openapi::Durchsetzung)]
    sperre: &'static str,
}

/// How all therapists fare.
#[derive(Serialize, ToSchema)]
#[schema(as = Zusammenfassung)]
pub(crate) struct ZusammenfassungAnswer {
    /// With mails.
    pub(super) mail: WegbilanzAnswer,
    /// With calls.
    pub(super) anruf: WegbilanzAnswer,
}

/// How all therapists fare with contacts by one way.
#[derive(Serialize, ToSchema)]
#[schema(as = Wegbilanz)]
pub(super) struct WegbilanzAnswer {
    /// How many could be contacted.
    #[schema(minimum = 0)]
    moeglich: usize,
    /// Of how many of them a rule warns.
    #[schema(minimum = 0)]
    gewarnt: usize,
    /// How many could not, by the rule that ends last.
    nicht: NichtAnswer,
}

/// How many therapists each rule keeps from contacts.
#[derive(Serialize, ToSchema)]
#[schema(as = Nicht)]
struct NichtAnswer {
    /// A mail went less than 7 days before.
    #[schema(minimum = 0)]
    wochenfrist: usize,
    /// They refused less than 4 weeks before.
    #[schema(minimum = 0)]
    sperrfrist: usize,
    /// They are blocked by hand.
    #[schema(minimum = 0)]
    gesperrt: usize,
}

/// What would become of a therapist.
#[derive(Serialize, ToSchema)]
#[schema(as = Simulierter)]
pub(crate) struct SimulierterAnswer {
    /// The therapist.
    #[schema(minimum = 1)]
    therapist_id: i64,
    /// Title, first and last name, where the directory has said them.
    name: Option<String>,
    /// Whether a mail could be queued.
    mail: Wegstand,
    /// Whether a call could be booked.
    anruf: Wegstand,
    /// What is under way.
    anstehend: AnstehendAnswer,
}

/// What is under way to a therapist.
#[derive(Serialize, ToSchema)]
#[schema(as = Anstehend)]
struct AnstehendAnswer {
    /// The emails that wait or are being sent.
    emails: Vec<i64>,
    /// The calls that are planned for the day.
    anrufe: Vec<i64>,
    /// The sent emails whose follow-up is due on the day, whether a rule allows the call or not.
    nachverfolgungen: Vec<i64>,
}

impl From<Kontaktregeln> for RegelnAnswer {
    fn from(regeln: Kontaktregeln) -> Self {
        Self {
            wochenfrist: regeln.wochenfrist.as_str(),
            sperrfrist: regeln.sperrfrist.as_str(),
            sperre: regeln.sperre.as_str(),
        }
    }
}

impl From<Wegbilanz> for WegbilanzAnswer {
    fn from(bilanz: Wegbilanz) -> Self {
        Self {
            moeglich: bilanz.moeglich,
            gewarnt: bilanz.gewarnt,
            nicht: NichtAnswer {
                wochenfrist: bilanz.wochenfrist,
                sperrfrist: bilanz.sperrfrist,
                gesperrt: bilanz.gesperrt,
            },
        }
    }
}

impl From<Simulierter> for SimulierterAnswer {
    fn from(therapist: Simulierter) -> Self {
        Self {
            therapist_id: therapist.therapist_id,
            name: therapist.name,
            mail: therapist.mail.into(),
            anruf: therapist.anruf.into(),
            anstehend: therapist.anstehend.into(),
        }
    }
}

impl From<Anstehend> for AnstehendAnswer {
    fn from(anstehend: Anstehend) -> Self {
        let due = anstehend.nachverfolgungen.into_iter();
        Self {
            emails: anstehend.emails.into_iter().map(|id| id.0).collect(),
            anrufe: anstehend.anrufe.into_iter().map(|id| id.0).collect(),
            nachverfolgungen: due.map(|id| id.0).collect(),
        }
    }
}
