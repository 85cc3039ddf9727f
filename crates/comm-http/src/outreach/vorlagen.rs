//! `/api/vorlagen` (contract, 'Templates').

use super::list_answer::ListAnswer;
use super::values::Vorlagedaten;
use crate::extract::OptionalBody;
use crate::problem::Problem;
use crate::query::Query;
use actix_web::{HttpResponse, web};
use comm_app::Vorlagen;
use comm_app::outreach::{Preview, ShownVorlage};
use comm_ports::page::Page;
use comm_ports::templates::{Typ, Variable, Vorlage};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;

type Answer = Result<HttpResponse, Problem>;

pub(crate) async fn list(
    vorlagen: web::Data<Vorlagen>,
    parameters: web::Query<HashMap<String, String>>,
) -> Answer {
    let request = Query::new(parameters.into_inner()).page()?;
    let page = Page::of(vorlagen.list()?, &request);
    Ok(HttpResponse::Ok().json(ListAnswer::<VorlageAnswer>::new(page, &request)))
}

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

#[derive(Serialize)]
struct PreviewAnswer {
    vorlage: String,
    vorlage_daten: Map<String, Value>,
    betreff: String,
    inhalt_html: String,
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

#[derive(Serialize)]
struct VorlageAnswer {
    name: String,
    beschreibung: String,
    variablen: Vec<VariableAnswer>,
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

#[derive(Serialize)]
struct VariableAnswer {
    name: String,
    typ: &'static str,
    pflicht: bool,
    beschreibung: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
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
