//! `schema.json`: what a template needs to know, and sample data.

use super::broken;
use comm_ports::templates::{TemplateError, Typ, Variable, Vorlage};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Schema {
    beschreibung: String,
    variablen: Vec<SchemaVariable>,
    beispieldaten: Map<String, Value>,
}

#[derive(Deserialize)]
struct SchemaVariable {
    name: String,
    beschreibung: String,
    #[serde(default)]
    pflicht: bool,
    #[serde(flatten)]
    typ: SchemaTyp,
}

#[derive(Deserialize)]
#[serde(tag = "typ", rename_all = "lowercase")]
enum SchemaTyp {
    Zeile,
    Text,
    Ganzzahl { min: i64, max: i64 },
    Datum,
    Uhrzeit,
    Liste { felder: Vec<SchemaVariable> },
}

pub(super) fn parse(name: &str, text: &str) -> Result<Vorlage, TemplateError> {
    let schema: Schema = serde_json::from_str(text).map_err(|error| broken(name, error))?;
    Ok(Vorlage {
        name: name.to_owned(),
        beschreibung: schema.beschreibung,
        variablen: schema.variablen.into_iter().map(Variable::from).collect(),
        beispieldaten: schema.beispieldaten,
    })
}

impl From<SchemaVariable> for Variable {
    fn from(variable: SchemaVariable) -> Self {
        Self {
            name: variable.name,
            beschreibung: variable.beschreibung,
            pflicht: variable.pflicht,
            typ: match variable.typ {
                SchemaTyp::Zeile => Typ::Zeile,
                SchemaTyp::Text => Typ::Text,
                SchemaTyp::Ganzzahl { min, max } => Typ::Ganzzahl(min..=max),
                SchemaTyp::Datum => Typ::Datum,
                SchemaTyp::Uhrzeit => Typ::Uhrzeit,
                SchemaTyp::Liste { felder } => {
                    Typ::Liste(felder.into_iter().map(Self::from).collect())
                }
            },
        }
    }
}

/// The sample data as a template is given them, whole, and without all that may be left out.
pub(super) fn samples(vorlage: &Vorlage) -> (Map<String, Value>, Map<String, Value>) {
    let sample =
        |keep: fn(&Variable) -> bool| complete(&vorlage.variablen, &vorlage.beispieldaten, keep);
    (sample(|_| true), sample(|variable| variable.pflicht))
}

fn complete(
    variablen: &[Variable],
    daten: &Map<String, Value>,
    keep: fn(&Variable) -> bool,
) -> Map<String, Value> {
    let values = variablen.iter().map(|variable| {
        let given = daten.get(&variable.name).filter(|_| keep(variable));
        let value = match (&variable.typ, given) {
            (_, None) => Value::Null,
            (Typ::Liste(felder), Some(Value::Array(entries))) => {
                let objects = entries.iter().filter_map(Value::as_object);
                objects.map(|entry| complete(felder, entry, keep)).collect()
            }
            (_, Some(value)) => value.clone(),
        };
        (variable.name.clone(), value)
    });
    values.collect()
}
