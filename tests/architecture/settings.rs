//! The manual of the settings is `config/default.toml`: what it says about plain names must be true.

use crate::workspace::Text;
use std::collections::BTreeMap;

/// It sets `smtp.tls`, but not by its own words, so it stands apart from the list.
const USE_TLS: (&str, &str) = ("SMTP_USE_TLS", "smtp.tls");

/// Names and keys in `settings/plain.rs`: the strings of its list, two by two.
fn in_the_code() -> BTreeMap<String, String> {
    let code = Text::at("crates/comm-server/src/settings/plain.rs").text;
    let list = code.split("];").next().unwrap();
    let strings: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    let pairs = strings.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    let all = pairs.chain([USE_TLS]);
    all.map(|(name, key)| (name.to_owned(), key.to_owned()))
        .collect()
}

/// Names in brackets in the comments of `config/default.toml`, with the key on their line.
fn in_the_manual() -> BTreeMap<String, String> {
    let (mut names, mut section) = (BTreeMap::new(), String::new());
    for line in Text::at("config/default.toml").text.lines() {
        if let Some(header) = line.strip_prefix('[') {
            header.split(']').next().unwrap().clone_into(&mut section);
        }
        let Some((setting, comment)) = line.split_once(" # ") else {
            continue;
        };
        let Some((key, _)) = setting.split_once(" = ") else {
            continue;
        };
        for bracket in comment.split('[').skip(1) {
            let name = bracket.split([']', '=']).next().unwrap();
            names.insert(name.to_owned(), format!("{section}.{key}"));
        }
    }
    names
}

#[test]
fn the_manual_names_every_plain_name_beside_its_key_and_no_other() {
    let code = in_the_code();
    assert!(code.len() > 20, "{code:?}");
    assert_eq!(in_the_manual(), code);
}
