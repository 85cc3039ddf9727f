use super::*;
use proptest::prelude::*;
use serde_json::json;

fn optional(name: &str, typ: Typ) -> Variable {
    Variable {
        name: name.to_owned(),
        beschreibung: String::new(),
        pflicht: false,
        typ,
    }
}

fn required(name: &str, typ: Typ) -> Variable {
    Variable {
        pflicht: true,
        ..optional(name, typ)
    }
}

/// A template that has one of everything.
fn variablen() -> Vec<Variable> {
    let felder = vec![
        required("kuerzel", Typ::Zeile),
        required("alter", Typ::Ganzzahl(0..=120)),
        optional("bemerkung", Typ::Text),
    ];
    vec![
        required("anrede", Typ::Zeile),
        required("patienten", Typ::Liste(felder)),
        optional("bis", Typ::Datum),
        optional("um", Typ::Uhrzeit),
        optional("hinweis", Typ::Text),
    ]
}

fn good() -> Value {
    json!({"anrede": "Guten Tag", "patienten": [{"kuerzel": "M. K.", "alter": 34}]})
}

fn with(name: &str, value: Value) -> Value {
    let mut daten = good();
    daten[name] = value;
    daten
}

fn check(daten: &Value) -> Result<Value, String> {
    let daten = daten.as_object().unwrap();
    let checked = checked(&variablen(), daten);
    checked
        .map(Value::Object)
        .map_err(|errors| errors.to_string())
}

fn mistake(daten: Value) -> String {
    check(&daten).unwrap_err()
}

#[test]
fn optional_variables_that_are_not_given_are_null() {
    let expected = json!({
        "anrede": "Guten Tag",
        "patienten": [{"kuerzel": "M. K.", "alter": 34, "bemerkung": null}],
        "bis": null, "um": null, "hinweis": null,
    });
    assert_eq!(check(&good()).unwrap(), expected);
    for blank in [json!(null), json!(""), json!(" \n")] {
        assert_eq!(check(&with("bis", blank)).unwrap(), expected);
    }
}

#[test]
fn values_are_brought_into_one_spelling() {
    let mut daten = good();
    daten["anrede"] = json!(" Guten Tag ");
    daten["bis"] = json!("2026-01-31");
    daten["um"] = json!("9:05");
    daten["hinweis"] = json!("eins\r\nzwei\rdrei\n");
    let checked = check(&daten).unwrap();
    assert_eq!(checked["anrede"], "Guten Tag");
    assert_eq!(checked["um"], "09:05");
    assert_eq!(checked["hinweis"], "eins\nzwei\ndrei");
}

#[test]
fn what_is_missing_is_named() {
    for blank in [json!(null), json!(""), json!("  ")] {
        assert_eq!(
            mistake(with("anrede", blank)),
            "vorlage_daten.anrede is required"
        );
    }
    assert_eq!(
        mistake(with("patienten", json!([{"kuerzel": "M. K."}]))),
        "vorlage_daten.patienten[0].alter is required"
    );
    assert_eq!(
        mistake(json!({})),
        "vorlage_daten.anrede is required; vorlage_daten.patienten is required"
    );
}

#[test]
fn what_is_misspelt_is_named_beside_the_names_that_there_are() {
    assert_eq!(
        mistake(with("anrde", json!("x"))),
        "vorlage_daten.anrde is not known to this template, which has anrede, patienten, bis, um, hinweis"
    );
    let entries =
        json!([{"kuerzel": "M. K.", "alter": 34}, {"kuerzel": "A.", "alter": 1, "Alter": null}]);
    assert_eq!(
        mistake(with("patienten", entries)),
        "vorlage_daten.patienten[1].Alter is not known to this template, which has kuerzel, alter, bemerkung"
    );
}

#[test]
fn what_has_the_wrong_type_is_named_with_what_it_must_be() {
    let line = "must be one line of 1 to 255 characters without control characters";
    let number = "must be a whole number from 0 to 120";
    let date = "must be a date such as 2026-01-31";
    let list = "must be a list of 1 to 50 objects";
    let cases = [
        ("anrede", json!(5), line),
        ("anrede", json!(["x"]), line),
        ("anrede", json!("a\nb"), line),
        ("anrede", json!("a\u{2028}b"), line),
        ("anrede", json!("x".repeat(256)), line),
        ("bis", json!("31.01.2026"), date),
        ("bis", json!("2026-02-30"), date),
        ("bis", json!("2026-1-5"), date),
        ("bis", json!("+12026-01-05"), date),
        ("bis", json!(20_260_131), date),
        ("um", json!("25:00"), "must be a time of day such as 09:00"),
        (
            "hinweis",
            json!("x".repeat(2001)),
            "must be a text of at most 2000 characters",
        ),
        (
            "hinweis",
            json!(" ".repeat(2001)),
            "must be a text of at most 2000 characters",
        ),
        (
            "hinweis",
            json!("a\0b"),
            "must be a text of at most 2000 characters",
        ),
        (
            "hinweis",
            json!({"a": 1}),
            "must be a text of at most 2000 characters",
        ),
        ("patienten", json!([]), list),
        ("patienten", json!({}), list),
        ("patienten", json!("M. K."), list),
        ("patienten", json!(vec![json!({}); 51]), list),
    ];
    for (name, value, demand) in cases {
        let expected = format!("vorlage_daten.{name} {demand}");
        assert_eq!(mistake(with(name, value)), expected);
    }
    for alter in [json!(-1), json!(121), json!(1.5), json!("34"), json!(1e30)] {
        let entry = json!([{"kuerzel": "M. K.", "alter": alter}]);
        let expected = format!("vorlage_daten.patienten[0].alter {number}");
        assert_eq!(mistake(with("patienten", entry)), expected);
    }
    assert_eq!(
        mistake(with("patienten", json!(["M. K."]))),
        "vorlage_daten.patienten[0] must be an object"
    );
}

#[test]
fn values_at_their_bounds_fit() {
    for (name, value) in [
        ("anrede", json!("ä".repeat(255))),
        ("hinweis", json!("ä".repeat(2000))),
        (
            "patienten",
            json!(vec![json!({"kuerzel": "M.", "alter": 0}); 50]),
        ),
        ("patienten", json!([{"kuerzel": "M.", "alter": 120}])),
        ("patienten", json!([{"kuerzel": "M.", "alter": 120.0}])),
        ("hinweis", json!(" ".repeat(255))),
        ("bis", json!("9999-12-31")),
    ] {
        assert!(check(&with(name, value)).is_ok(), "{name}");
    }
}

#[test]
fn many_mistakes_are_counted_and_not_all_told() {
    let mut daten = good();
    for number in 0..100_000 {
        daten[format!("x{number}")] = json!(1);
    }
    let sentence = mistake(daten);
    assert!(sentence.ends_with("; and 15 more"), "{sentence}");
    assert!(sentence.len() < 1000, "{sentence}");
}

#[test]
fn a_name_is_shown_cut_and_escaped() {
    let name = format!("a\r\n\"{}", "x".repeat(10_000));
    let sentence = mistake(with(&name, json!(1)));
    let start = format!("vorlage_daten.a\\r\\n\\\"{} is not known", "x".repeat(36));
    assert!(sentence.starts_with(&start), "{sentence}");
}

/// Any JSON, most of it no data for this template.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}".prop_map(Value::from),
        (0_i64..130).prop_map(Value::from),
    ];
    let name = prop_oneof![
        proptest::sample::select(vec![
            "anrede",
            "patienten",
            "bis",
            "um",
            "hinweis",
            "kuerzel",
            "alter"
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        let object = proptest::collection::vec((name.clone(), inner.clone()), 0..6);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

proptest! {
    /// Either every variable is there and checking again changes nothing, or a place is named.
    #[test]
    fn data_fit_or_a_place_is_named(changes in proptest::collection::vec((0_usize..5, json_value()), 0..3), bare: bool) {
        let mut daten = if bare { json!({}) } else { good() };
        for (index, value) in changes {
            daten[variablen()[index].name.as_str()] = value;
        }
        match check(&daten) {
            Ok(checked) => {
                prop_assert_eq!(checked.as_object().map(Map::len), Some(variablen().len()));
                prop_assert_eq!(check(&checked).unwrap(), checked);
            }
            Err(sentence) => prop_assert!(sentence.starts_with("vorlage_daten."), "{}", sentence),
        }
    }

    #[test]
    fn no_value_is_repeated(secret in "[A-Z]{12}") {
        let values = [json!(secret), json!([secret]), json!({"a": secret}), json!(format!("{secret}\n"))];
        for (name, value) in [("bis", 0), ("um", 0), ("patienten", 2), ("anrede", 1)].map(|(name, index)| (name, values[index].clone())) {
            let sentence = mistake(with(name, value));
            prop_assert!(!sentence.contains(&secret), "{}", sentence);
        }
    }
}
