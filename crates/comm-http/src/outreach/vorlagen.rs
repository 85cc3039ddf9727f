//! `/api/vorlagen` (contract, 'Templates').

use super::list_answer::ListAnswer;
use super::values::Vorlagedaten;
use crate::extract::OptionalBody;
use crate::openapi::{self, Invalid, NotFound, Storage, Unreadable};
use crate::problem::Problem;
use crate::query::{PageParameters, Query};
use actix_web::{HttpResponse, web};
use comm_app::Vorlagen;
use comm_app::outreach::{Preview, ShownVorlage};
use comm_ports::page::Page;
use comm_ports::templates::{Typ, Variable, Vorlage};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

type Answer = Result<HttpResponse, Problem>;

/// Lists the templates
#[utoipa::path(
    get,
    operation_id = "list_vorlagen",
    path = "/api/vorlagen",
    tag = "vorlagen",
    params(PageParameters),
    responses(
        (status = 200, description = "A page of templates.", body = openapi::VorlagePage),
        Invalid,
        Storage,
    )
)]
pub(crate) async fn list(
    vorlagen: web::Data<Vorlagen>,
    parameters: web::Query<Vec<(String, String)>>,
) -> Answer {
    let request = Query::new(parameters.into_inner()).page()?;
    let page = Page::of(vorlagen.list()?, &request);
    Ok(HttpResponse::Ok().json(ListAnswer::<VorlageAnswer>::new(page, &request)))
}

/// Previews a mail from a template
///
/// Subject and both parts with the given data, else with the sample data. Nothing is stored.
#[utoipa::path(
    post,
    operation_id = "preview",
    path = "/api/vorlagen/{name}/vorschau",
    tag = "vorlagen",
    params(("name" = String, Path)),
    responses((status = 200, description = "What the mail would say.", body = PreviewAnswer), Unreadable, NotFound, Storage)
)]
pub(crate) async fn preview(
    vorlagen: web::Data<Vorlagen>,
    path: web::Path<String>,
    body: OptionalBody<PreviewBody>,
) -> Answer {
    let daten = body.0.vorlage_daten.as_ref().map(Vorlagedaten::parse);
    let request = Preview {
        daten: daten.transpose()?,
        add_legal_footer: body.0.add_legal_footer,
    };
    let shown = vorlagen.preview(&path, request)?;
    Ok(HttpResponse::Ok().json(PreviewAnswer::new(path.into_inner(), shown)))
}

#[derive(Default, Deserialize)]
pub(crate) struct PreviewBody {
    vorlage_daten: Option<Vorlagedaten>,
    add_legal_footer: Option<bool>,
}

/// A mail that is not stored.
#[derive(Serialize, ToSchema)]
#[schema(as = Preview)]
struct PreviewAnswer {
    /// The template.
    vorlage: String,
    /// The data that were used.
    #[schema(value_type = Object)]
    vorlage_daten: Map<String, Value>,
    /// The subject.
    betreff: String,
    /// The HTML part.
    inhalt_html: String,
    /// The plain text part.
    inhalt_text: String,
}

impl PreviewAnswer {
    fn new(vorlage: String, shown: ShownVorlage) -> Self {
        Self {
            vorlage,
            vorlage_daten: shown.daten,
            betreff: shown.betreff,
            inhalt_html: shown.parts.html,
            inhalt_text: shown.parts.text,
        }
    }
}

/// A template.
#[derive(Serialize, ToSchema)]
#[schema(as = Vorlage)]
pub(crate) struct VorlageAnswer {
    /// Its name.
    name: String,
    /// What it is for.
    beschreibung: String,
    /// What it needs to know.
    variablen: Vec<VariableAnswer>,
    /// Data that fit.
    #[schema(value_type = Object)]
    beispieldaten: Map<String, Value>,
}

impl From<Vorlage> for VorlageAnswer {
    fn from(vorlage: Vorlage) -> Self {
        Self {
            name: vorlage.name,
            beschreibung: vorlage.beschreibung,
            variablen: answers(vorlage.variablen),
            beispieldaten: vorlage.beispieldaten,
        }
    }
}

/// A value that a template needs.
#[derive(Serialize, ToSchema)]
#[schema(as = Variable)]
pub(crate) struct VariableAnswer {
    /// Its name in the data.
    name: String,
    /// What it must be: one line, text, a whole number, a date, a time of day, or a list of objects.
    #[schema(value_type = openapi::VariableTyp)]
    typ: &'static str,
    /// Whether it may not be left out.
    pflicht: bool,
    /// What it says in the mail.
    beschreibung: String,
    /// The least number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    min: Option<i64>,
    /// The greatest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    max: Option<i64>,
    /// The fields of the objects in a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, no_recursion)]
    felder: Option<Vec<VariableAnswer>>,
}

impl From<Variable> for VariableAnswer {
    fn from(variable: Variable) -> Self {
        let typ = variable.typ.as_str();
        let (range, felder) = match variable.typ {
            Typ::Ganzzahl(range) => (Some(range), None),
            Typ::Liste(felder) => (None, Some(answers(felder))),
            _ => (None, None),
        };
        Self {
            name: variable.name,
            typ,
            pflicht: variable.pflicht,
            beschreibung: variable.beschreibung,
            min: range.as_ref().map(|range| *range.start()),
            max: range.as_ref().map(|range| *range.end()),
            felder,
        }
    }
}

fn answers(variablen: Vec<Variable>) -> Vec<VariableAnswer> {
    variablen.into_iter().map(VariableAnswer::from).collect()
}
