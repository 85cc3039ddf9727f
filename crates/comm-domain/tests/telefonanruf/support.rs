//! Calls in any state, on a fixed day: Monday 2026-02-02, 09:30:40 on the wall clock.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta};
use comm_domain::Change;
use comm_domain::outreach::telefonanruf::{Moment, Tatsaechlich};
use comm_domain::outreach::{
    EmailId, Empfaenger, ErgebnisArt, NewTelefonanruf, Patch, Telefonanruf, TelefonanrufError,
    TelefonanrufEventKind, TelefonanrufId, TelefonanrufPatch, TelefonanrufStatus,
};

/// A day of February 2026.
pub(crate) fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 2, 1).unwrap() + Days::new(u64::from(day) - 1)
}

pub(crate) fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap()
}

pub(crate) fn now() -> Moment {
    later(TimeDelta::zero())
}

/// The moment this long after [`now`].
pub(crate) fn later(by: TimeDelta) -> Moment {
    let start = DateTime::from_timestamp(1_770_021_040, 0).unwrap();
    let at = start + by;
    Moment {
        at,
        wall: at.naive_utc() + TimeDelta::hours(1),
    }
}

pub(crate) fn to_therapist() -> NewTelefonanruf {
    NewTelefonanruf::to(Empfaenger::Therapeut(7))
}

/// Planned an hour ago, for Tuesday 10:00.
pub(crate) fn planned() -> Telefonanruf {
    plan(to_therapist())
}

pub(crate) fn plan(new: NewTelefonanruf) -> Telefonanruf {
    let slot = day(3).and_time(time(10, 0));
    let change = new.plan(TelefonanrufId(1), slot, later(TimeDelta::hours(-1)));
    change.unwrap().into_after()
}

/// A call in any state, as the store would give it back.
pub(crate) fn call(status: TelefonanrufStatus, art: Option<ErgebnisArt>) -> Telefonanruf {
    let mut record = (*planned()).clone();
    record.status = status;
    record.ergebnis.art = art;
    if status == TelefonanrufStatus::Abgeschlossen {
        record.tatsaechlich = Tatsaechlich {
            datum: Some(day(3)),
            zeit: Some(time(10, 5)),
        };
    }
    Telefonanruf::restore(record)
}

pub(crate) fn put(
    call: Telefonanruf,
    patch: TelefonanrufPatch,
) -> Result<Change<Telefonanruf>, TelefonanrufError> {
    call.apply(patch, now())
}

pub(crate) fn to(status: TelefonanrufStatus) -> TelefonanrufPatch {
    TelefonanrufPatch {
        status: Some(status),
        ..TelefonanrufPatch::default()
    }
}

pub(crate) fn ended(status: TelefonanrufStatus, art: ErgebnisArt) -> TelefonanrufPatch {
    TelefonanrufPatch {
        ergebnis_art: Patch::Set(art),
        ..to(status)
    }
}

pub(crate) fn kinds(change: &Change<Telefonanruf>) -> Vec<TelefonanrufEventKind> {
    change.events().iter().map(|event| event.kind).collect()
}

pub(crate) fn message<T: std::fmt::Debug>(result: Result<T, TelefonanrufError>) -> String {
    result.unwrap_err().to_string()
}

pub(crate) fn emails<const N: usize>(ids: [i64; N]) -> Vec<EmailId> {
    ids.map(EmailId).to_vec()
}
