//! `GET /api/phone-calls/statistik` (contract, 'Telefonanruf').

use super::values::Datum;
use crate::openapi::{self, Invalid, Storage};
use crate::problem::Problem;
use crate::query::Query;
use actix_web::{HttpResponse, web};
use chrono::Weekday;
use comm_app::Berichte;
use comm_app::outreach::Statistik;
use comm_ports::outreach::{Anrufzahlen, ErgebnisAnzahl};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// Of which days the figures are.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`statistik` reads them; here they are described")]
pub(crate) struct StatistikParameters {
    /// The first day; 29 days before `bis` by default.
    von: Option<chrono::NaiveDate>,
    /// The last day, not before `von` and at most 366 days in all; today by default.
    bis: Option<chrono::NaiveDate>,
}

/// Says how calls went
///
/// Counts the calls that were planned for some days, by outcome, by the weekday and the hour in which they were made,
/// by attempt and by member of staff. Deleted ones do not count.
#[utoipa::path(
    get,
    operation_id = "statistik",
    path = "/api/phone-calls/statistik",
    tag = "phone-calls",
    params(StatistikParameters),
    responses((status = 200, description = "Figures.", body = StatistikAnswer), Invalid, Storage)
)]
pub(crate) async fn statistik(
    berichte: web::Data<Berichte>,
    parameters: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let query = Query::new(parameters.into_inner());
    let (von, bis) = (query.date("von")?, query.date("bis")?);
    let statistik = berichte.statistik(von, bis).await?;
    Ok(HttpResponse::Ok().json(StatistikAnswer::from(statistik)))
}

/// How calls went.
#[derive(Serialize, ToSchema)]
#[schema(as = Anrufstatistik)]
struct StatistikAnswer {
    /// The first day.
    #[schema(value_type = NaiveDate)]
    von: Datum,
    /// The last day.
    #[schema(value_type = NaiveDate)]
    bis: Datum,
    #[serde(flatten)]
    gesamt: ZahlenAnswer,
    /// By state and outcome.
    nach_ergebnis: Vec<ErgebnisAnswer>,
    /// By the weekday on which they were made; days without calls are left out here and below.
    nach_wochentag: Vec<WochentagAnswer>,
    /// By the hour in which they were made.
    nach_stunde: Vec<StundeAnswer>,
    /// By both.
    nach_wochentag_und_stunde: Vec<WochentagStundeAnswer>,
    /// Which attempt reached the person: how often it was the first, the second, and so on.
    versuche_bis_erreicht: Vec<VersucheAnswer>,
    /// By member of staff.
    nach_bearbeiter: Vec<BearbeiterAnswer>,
}

/// How many of some calls were made, and how many of these reached somebody.
#[derive(Serialize, ToSchema)]
#[schema(as = Anrufzahlen)]
struct ZahlenAnswer {
    /// Calls in whatever state.
    #[schema(minimum = 0)]
    anrufe: i64,
    /// Those that were made: `abgeschlossen` or `fehlgeschlagen`.
    #[schema(minimum = 0)]
    gefuehrt: i64,
    /// Those that reached the person: `abgeschlossen`, and not `nicht_erreicht`.
    #[schema(minimum = 0)]
    erreicht: i64,
    /// The share of those that were made; `null` if none was.
    #[schema(minimum = 0.0, maximum = 1.0)]
    erreichungsquote: Option<f64>,
}

/// Calls with one outcome.
#[derive(Serialize, ToSchema)]
#[schema(as = AnrufeNachErgebnis)]
struct ErgebnisAnswer {
    /// The state.
    #[schema(value_type = openapi::TelefonanrufStatus)]
    status: &'static str,
    /// The outcome.
    #[schema(value_type = Option<openapi::ErgebnisArt>)]
    ergebnis_art: Option<&'static str>,
    /// How many.
    #[schema(minimum = 1)]
    anrufe: i64,
}

/// Calls of one weekday.
#[derive(Serialize, ToSchema)]
#[schema(as = AnrufeNachWochentag)]
struct WochentagAnswer {
    /// The weekday.
    #[schema(value_type = openapi::Wochentag)]
    wochentag: &'static str,
    #[serde(flatten)]
    zahlen: ZahlenAnswer,
}

/// Calls of one hour.
#[derive(Serialize, ToSchema)]
#[schema(as = AnrufeNachStunde)]
struct StundeAnswer {
    /// The hour that began.
    #[schema(minimum = 0, maximum = 23)]
    stunde: u8,
    #[serde(flatten)]
    zahlen: ZahlenAnswer,
}

/// Calls of one hour of one weekday.
#[derive(Serialize, ToSchema)]
#[schema(as = AnrufeNachWochentagUndStunde)]
struct WochentagStundeAnswer {
    /// The weekday.
    #[schema(value_type = openapi::Wochentag)]
    wochentag: &'static str,
    /// The hour that began.
    #[schema(minimum = 0, maximum = 23)]
    stunde: u8,
    #[serde(flatten)]
    zahlen: ZahlenAnswer,
}

/// Calls that reached the person at one attempt.
#[derive(Serialize, ToSchema)]
#[schema(as = VersucheBisErreicht)]
struct VersucheAnswer {
    /// The attempt, from 1.
    #[schema(minimum = 1)]
    versuch: i32,
    /// How often it was the one that reached the person.
    #[schema(minimum = 1)]
    erreicht: i64,
}

/// Calls of one member of staff.
#[derive(Serialize, ToSchema)]
#[schema(as = AnrufeNachBearbeiter)]
struct BearbeiterAnswer {
    /// The member of staff; `null` for calls without one.
    bearbeiter: Option<String>,
    #[serde(flatten)]
    zahlen: ZahlenAnswer,
}

impl From<Statistik> for StatistikAnswer {
    fn from(statistik: Statistik) -> Self {
        let zahlen = statistik.zahlen;
        let wochentage = zahlen.nach_wochentag.into_iter();
        let stunden = zahlen.nach_stunde.into_iter();
        let beides = zahlen.nach_wochentag_und_stunde.into_iter();
        let versuche = zahlen.nach_versuch.into_iter();
        let bearbeiter = zahlen.nach_bearbeiter.into_iter();
        Self {
            von: Datum(*statistik.tage.start()),
            bis: Datum(*statistik.tage.end()),
            gesamt: zahlen.gesamt.into(),
            nach_ergebnis: zahlen.nach_ergebnis.into_iter().map(Into::into).collect(),
            nach_wochentag: wochentage
                .map(|(day, zahlen)| WochentagAnswer {
                    wochentag: wochentag(day),
                    zahlen: zahlen.into(),
                })
                .collect(),
            nach_stunde: stunden
                .map(|(stunde, zahlen)| StundeAnswer {
                    stunde,
                    zahlen: zahlen.into(),
                })
                .collect(),
            nach_wochentag_und_stunde: beides
                .map(|(day, stunde, zahlen)| WochentagStundeAnswer {
                    wochentag: wochentag(day),
                    stunde,
                    zahlen: zahlen.into(),
                })
                .collect(),
            versuche_bis_erreicht: versuche
                .filter(|(_, zahlen)| zahlen.erreicht > 0)
                .map(|(versuch, zahlen)| VersucheAnswer {
                    versuch,
                    erreicht: zahlen.erreicht,
                })
                .collect(),
            nach_bearbeiter: bearbeiter
                .map(|(bearbeiter, zahlen)| BearbeiterAnswer {
                    bearbeiter,
                    zahlen: zahlen.into(),
                })
                .collect(),
        }
    }
}

impl From<Anrufzahlen> for ZahlenAnswer {
    fn from(zahlen: Anrufzahlen) -> Self {
        let Anrufzahlen {
            anrufe,
            gefuehrt,
            erreicht,
        } = zahlen;
        Self {
            anrufe,
            gefuehrt,
            erreicht,
            erreichungsquote: quote(erreicht, gefuehrt),
        }
    }
}

/// To four places: more would only look exact.
fn quote(erreicht: i64, gefuehrt: i64) -> Option<f64> {
    let myriads = erreicht.checked_mul(10_000)?.checked_div(gefuehrt)?;
    let myriads = i32::try_from(myriads).ok()?;
    Some(f64::from(myriads) / 10_000.0)
}

impl From<ErgebnisAnzahl> for ErgebnisAnswer {
    fn from(anzahl: ErgebnisAnzahl) -> Self {
        Self {
            status: anzahl.status.as_str(),
            ergebnis_art: anzahl.ergebnis_art.map(|art| art.as_str()),
            anrufe: anzahl.anrufe,
        }
    }
}

/// As telephone hours spell it.
pub(crate) fn wochentag(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "montag",
        Weekday::Tue => "dienstag",
        Weekday::Wed => "mittwoch",
        Weekday::Thu => "donnerstag",
        Weekday::Fri => "freitag",
        Weekday::Sat => "samstag",
        Weekday::Sun => "sonntag",
    }
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn a_rate_is_a_share_of_what_was_made_or_nothing() {
        assert_eq!(quote(0, 0), None);
        assert_eq!(quote(0, 7), Some(0.0));
        assert_eq!(quote(7, 7), Some(1.0));
        assert_eq!(quote(1, 3), Some(0.3333));
    }
}
