//! An office on mocks: what is stored about one person, and what was stored by a use case.

use crate::common;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use comm_app::outreach::AnrufSettings;
use comm_app::outreach::telefonanrufe::CreateTelefonanruf;
use comm_app::{Adapters, AppSettings, Directories, Telefonanrufe, assemble};
use comm_domain::outreach::telefonanruf::Moment;
use comm_domain::outreach::telefonanruf::{PATIENT_ZEIT, TelefonanrufPatch};
use comm_domain::outreach::{
    Dauer, EmailId, Empfaenger, NewTelefonanruf, Telefonanruf, TelefonanrufId, Termin,
};
use comm_ports::outreach::{Ablage, BelegterPlatz, Belegung};
use comm_ports::testing::build::instant;
use comm_ports::testing::{
    MockDirectoryCopies, MockOutreachStore, MockOutreachTx, MockSignals, MockTelefonanrufStore,
    MockTherapistDirectory,
};
use std::sync::{Arc, Mutex};

/// What use cases have stored, in order.
pub(crate) type Stored = Arc<Mutex<Vec<(Telefonanruf, Ablage)>>>;

/// One person's world. Today is Saturday 2026-01-31, 10:15.
#[derive(Default)]
pub(crate) struct Office {
    pub(crate) belegung: Belegung,
    pub(crate) plaetze: Vec<BelegterPlatz>,
    /// The call that a request is about.
    pub(crate) anruf: Option<(Telefonanruf, Ablage)>,
    /// Which emails were answered.
    pub(crate) answered: Vec<EmailId>,
    pub(crate) directory: Option<MockTherapistDirectory>,
    pub(crate) settings: Option<AnrufSettings>,
    pub(crate) stored: Stored,
}

impl Office {
    /// In which these slots of 5 minutes are taken.
    pub(crate) fn with_taken(times: &[NaiveDateTime]) -> Self {
        let taken = times.iter().map(|time| slot(*time));
        Self {
            belegung: Belegung {
                belegt: taken.collect(),
                ..Belegung::default()
            },
            ..Self::default()
        }
    }

    /// In which this call is stored.
    pub(crate) fn with_call(anruf: Telefonanruf) -> Self {
        let belegt = anruf.holds_slot().then_some(anruf.termin);
        Self {
            belegung: Belegung {
                belegt: belegt.into_iter().collect(),
                ..Belegung::default()
            },
            anruf: Some((anruf, Ablage::default())),
            ..Self::default()
        }
    }

    pub(crate) fn stored(&self) -> Stored {
        Arc::clone(&self.stored)
    }

    /// The use cases over it.
    pub(crate) fn open(self) -> Telefonanrufe {
        let mut signals = MockSignals::new();
        signals.expect_raise().return_const(());
        let mut reads = MockTelefonanrufStore::new();
        let call = self.anruf.as_ref().map(|(anruf, _)| anruf.clone());
        reads
            .expect_telefonanruf()
            .returning(move |_| Ok(call.clone()));
        let open = self
            .anruf
            .iter()
            .filter(|(_, ablage)| ablage.wiederholung_offen);
        let open: Vec<_> = open.map(|(anruf, _)| anruf.id).collect();
        reads
            .expect_offene_wiederholungen()
            .returning(move |after, _| Ok(open.iter().copied().filter(|id| *id > after).collect()));
        let mut copies = MockDirectoryCopies::new();
        copies.expect_copy().returning(|_| Ok(None));
        copies.expect_keep_copy().returning(|_, _, _| Ok(()));
        copies.expect_forget_copy().returning(|_| Ok(()));
        let mut directories = Directories::none(Arc::new(copies));
        if let Some(directory) = self.directory {
            directories.therapists = Some(Arc::new(directory));
        }
        let settings = AppSettings {
            anrufe: self.settings.unwrap_or_else(common::anrufe),
            ..common::settings()
        };
        let mut store = MockOutreachStore::new();
        let (belegung, plaetze, anruf) = (self.belegung, self.plaetze, self.anruf);
        let (answered, stored) = (self.answered, self.stored);
        store.expect_begin().returning(move || {
            let facts = (
                belegung.clone(),
                plaetze.clone(),
                anruf.clone(),
                answered.clone(),
            );
            Ok(Box::new(transaction(facts, Arc::clone(&stored))))
        });
        let adapters = Adapters {
            store: Arc::new(store),
            telefonanrufe: Arc::new(reads),
            signals: Arc::new(signals),
            directories,
            ..common::adapters()
        };
        assemble(&adapters, settings).telefonanrufe
    }
}

type Facts = (
    Belegung,
    Vec<BelegterPlatz>,
    Option<(Telefonanruf, Ablage)>,
    Vec<EmailId>,
);

fn transaction((belegung, plaetze, anruf, answered): Facts, stored: Stored) -> MockOutreachTx {
    let mut tx = MockOutreachTx::new();
    tx.expect_lock_kontaktstand().returning(|_| Ok(()));
    tx.expect_belegung()
        .returning(move |_, _| Ok(belegung.clone()));
    tx.expect_lock_plaetze()
        .returning(move |_| Ok(plaetze.clone()));
    tx.expect_lock_telefonanruf()
        .returning(move |_| Ok(anruf.clone()));
    tx.expect_erledigte()
        .returning(move |_| Ok(answered.clone()));
    tx.expect_nachfolger().returning(|_| Ok(None));
    let mut ids = 100..;
    tx.expect_next_telefonanruf_id()
        .returning(move || Ok(TelefonanrufId(ids.next().unwrap())));
    let inserted = Arc::clone(&stored);
    tx.expect_insert_telefonanruf()
        .returning(move |change, ablage| {
            let anruf = change.into_after();
            inserted.lock().unwrap().push((anruf.clone(), ablage));
            Ok(anruf)
        });
    tx.expect_save_telefonanruf()
        .returning(move |change, ablage| {
            let anruf = change.into_after();
            stored.lock().unwrap().push((anruf.clone(), ablage));
            Ok(anruf)
        });
    tx.expect_commit().returning(|| Ok(()));
    tx.expect_rollback().returning(|| ());
    tx
}

/// Today.
pub(crate) fn today() -> NaiveDate {
    day(31, 1)
}

pub(crate) fn day(day: u32, month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

pub(crate) fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap()
}

/// A slot of 5 minutes.
pub(crate) fn slot(time: NaiveDateTime) -> Termin {
    Termin::new(time.date(), time.time(), Dauer::THERAPEUT).unwrap()
}

/// A call for therapist 7 without further wishes.
pub(crate) fn request() -> CreateTelefonanruf {
    CreateTelefonanruf {
        therapist_id: Some(7),
        ..CreateTelefonanruf::default()
    }
}

/// Call 1, planned for Monday at 10:00.
pub(crate) fn planned(person: Empfaenger) -> Telefonanruf {
    let wall = today().and_time(time(10, 15));
    let now = Moment {
        at: instant(),
        wall,
    };
    let monday = day(2, 2).and_time(PATIENT_ZEIT);
    let change = NewTelefonanruf::to(person).plan(TelefonanrufId(1), monday, now);
    change.unwrap().into_after()
}

pub(crate) fn patch(shape: impl FnOnce(&mut TelefonanrufPatch)) -> TelefonanrufPatch {
    let mut patch = TelefonanrufPatch::default();
    shape(&mut patch);
    patch
}
