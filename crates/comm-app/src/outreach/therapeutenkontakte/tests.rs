//! Contacts with a store in memory. Now is Saturday 2026-01-31, 10:15 in Berlin.

mod kontaktierbar;
mod simulation;
mod sperre;
mod verlauf;

use super::*;
use crate::testing::adapters;
use comm_ports::outreach::{Kontaktdaten, Merkmale};
use comm_ports::page::PageRequest;
use comm_ports::testing::{
    MockKontaktberichte, MockNachverfolgungStore, MockOutreachStore, MockOutreachTx,
};
use std::sync::Arc;

fn day(day: &str) -> NaiveDate {
    day.parse().unwrap()
}

fn berlin() -> Zeitzone {
    Zeitzone::parse("zone", "Europe/Berlin").unwrap()
}

/// The contract's defaults.
fn settings() -> KontakteSettings {
    KontakteSettings {
        zone: berlin(),
        regeln: Kontaktregeln::SERVICE,
        followup: FollowupSettings::default(),
    }
}

/// Over a store with this transaction, or none.
fn writing(tx: Option<MockOutreachTx>) -> Therapeutenkontakte {
    let mut store = MockOutreachStore::new();
    if let Some(tx) = tx {
        store.expect_begin().return_once(move || Ok(Box::new(tx)));
    }
    let adapters = Adapters {
        store: Arc::new(store),
        ..adapters()
    };
    Therapeutenkontakte::new(adapters, settings())
}

/// Over a store that can only be read, and was set up on 2025-12-10.
fn reading(kontaktberichte: MockKontaktberichte) -> Therapeutenkontakte {
    let mut set_up = MockNachverfolgungStore::new();
    let on = || Ok(noon("2025-12-10"));
    set_up.expect_eingerichtet_am().returning(on);
    let adapters = Adapters {
        kontaktberichte: Arc::new(kontaktberichte),
        nachverfolgungen: Arc::new(set_up),
        ..adapters()
    };
    Therapeutenkontakte::new(adapters, settings())
}

/// A therapist of whom nothing is known but the last mail, queued on this day at noon.
fn mailed(therapist_id: i64, on: Option<&str>) -> Therapeutenlage {
    Therapeutenlage {
        therapist_id,
        kontakt: Kontaktdaten {
            letzte_mail: on.map(noon),
            ..Kontaktdaten::default()
        },
        ..Therapeutenlage::default()
    }
}

/// The same who may have a place.
fn available(lage: Therapeutenlage) -> Therapeutenlage {
    let kopie = Merkmale {
        name: Some("Dr. Ada Beispiel".to_owned()),
        potenziell_verfuegbar: true,
        potenziell_verfuegbar_notizen: Some("ab Mai".to_owned()),
    };
    Therapeutenlage {
        kopie: Some(kopie),
        ..lage
    }
}

fn noon(on: &str) -> DateTime<Utc> {
    format!("{on}T12:00:00Z").parse().unwrap()
}
