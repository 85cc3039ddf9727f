//! Random lives of calls against a model that knows the states by heart and shares no code with the crate.

use crate::support::{day, later, time};
use chrono::{Days, TimeDelta};
use comm_domain::outreach::telefonanruf::Wiederholungsregeln;
use comm_domain::outreach::{
    EmailId, Empfaenger, ErgebnisArt, Erledigt, NewTelefonanruf, Patch, Telefonanruf,
    TelefonanrufEvent, TelefonanrufEventKind, TelefonanrufId, TelefonanrufPatch,
    TelefonanrufStatus,
};
use comm_domain::{Change, Deletion};
use proptest::prelude::*;
use proptest::sample::select;

#[derive(Debug, Clone)]
enum Step {
    Put {
        status: Option<TelefonanrufStatus>,
        move_by_days: Option<u64>,
        art: Option<ErgebnisArt>,
        callback_on: Option<u32>,
    },
    Join(i64),
    Answer(i64),
    Wait(i64),
    Retry,
    Delete,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let put = (
        proptest::option::of(select(TelefonanrufStatus::ALL)),
        proptest::option::weighted(0.3, 0..40_u64),
        proptest::option::weighted(0.4, select(ErgebnisArt::ALL)),
        proptest::option::weighted(0.7, 1..60_u32),
    )
        .prop_map(|(status, move_by_days, art, callback_on)| Step::Put {
            status,
            move_by_days,
            art,
            callback_on,
        });
    let step = prop_oneof![
        6 => put,
        2 => (1..4_i64).prop_map(Step::Join),
        2 => (1..4_i64).prop_map(Step::Answer),
        2 => (0..72_i64).prop_map(Step::Wait),
        4 => Just(Step::Retry),
        1 => Just(Step::Delete),
    ];
    proptest::collection::vec(step, 1..60)
}

/// One chain of attempts: the call of the moment, its history, and what is known of the chain.
struct Life {
    call: Telefonanruf,
    events: Vec<TelefonanrufEvent>,
    hours: i64,
    failures: i32,
    max: i32,
}

impl Life {
    fn begin(max: i32) -> Self {
        let new = NewTelefonanruf::to(Empfaenger::Therapeut(7));
        let slot = day(3).and_time(time(10, 0));
        let change = new.plan(TelefonanrufId(1), slot, later(TimeDelta::zero()));
        let change = change.unwrap();
        let mut life = Self {
            call: change.after().clone(),
            events: Vec::new(),
            hours: 0,
            failures: 0,
            max,
        };
        life.keep(change);
        life
    }

    fn now(&self) -> comm_domain::outreach::telefonanruf::Moment {
        later(TimeDelta::hours(self.hours))
    }

    /// Stores a change as a store would, and checks what must hold for any.
    fn keep(&mut self, change: Change<Telefonanruf>) {
        self.events.extend_from_slice(change.events());
        self.call = change.into_after();
        let numbers: Vec<i64> = self.events.iter().map(|event| event.sequence).collect();
        let gapless: Vec<i64> = (1..=self.call.sequence).collect();
        assert_eq!(numbers, gapless);
        assert!(self.call.versuch >= 1 && self.call.versuch <= self.max.max(1));
        let held = self.call.status == TelefonanrufStatus::Abgeschlossen;
        let actual = self.call.tatsaechlich;
        assert!(!held || (actual.datum.is_some() && actual.zeit.is_some()));
        assert!(self.call.email_ids.is_sorted());
    }

    /// Whether the last event says where the call stands.
    fn last_event_fits(&self) -> bool {
        use TelefonanrufEventKind::{Cancelled, Completed, Failed, Scheduled};
        let expected = match self.call.status {
            TelefonanrufStatus::Geplant => Scheduled,
            TelefonanrufStatus::Abgeschlossen => Completed,
            TelefonanrufStatus::Fehlgeschlagen => Failed,
            TelefonanrufStatus::Abgebrochen => Cancelled,
        };
        self.events.last().map(|event| event.kind) == Some(expected)
    }

    fn step(&mut self, step: Step) {
        let before = self.call.clone();
        match step {
            Step::Put {
                status,
                move_by_days,
                art,
                callback_on,
            } => {
                let patch = TelefonanrufPatch {
                    status,
                    geplantes_datum: move_by_days.map(|days| day(1) + Days::new(days)),
                    ergebnis_art: art.map_or(Patch::Keep, Patch::Set),
                    wiederholen_nach: callback_on.map_or(Patch::Keep, |on| Patch::Set(day(on))),
                    ..TelefonanrufPatch::default()
                };
                self.put(&before, patch);
            }
            Step::Join(id) => {
                let result = before.clone().join(EmailId(id), self.now().at);
                assert_eq!(result.is_ok(), before.holds_slot());
                if let Ok(change) = result {
                    self.keep(change);
                }
            }
            Step::Answer(id) => self.answer(&before, EmailId(id)),
            Step::Wait(hours) => self.hours += hours,
            Step::Retry => self.retry(),
            Step::Delete => self.delete(),
        }
        assert!(self.last_event_fits(), "{:?}", self.call);
    }

    fn put(&mut self, before: &Telefonanruf, patch: TelefonanrufPatch) {
        use TelefonanrufStatus::{Abgebrochen, Geplant};
        let wanted = patch.status.unwrap_or(before.status);
        let open = wanted == before.status
            || before.status == Geplant
            || (before.status == Abgebrochen && wanted == Geplant);
        let day_before = before.termin.datum();
        let day_after = patch.geplantes_datum.unwrap_or(day_before);
        match before.clone().apply(patch, self.now()) {
            Ok(change) => {
                assert!(open);
                assert_eq!(change.after().status, wanted);
                let scheduled =
                    wanted == Geplant && (before.status != Geplant || day_after != day_before);
                let reported = scheduled || wanted != before.status;
                assert_eq!(change.events().len(), usize::from(reported));
                if scheduled {
                    assert!(
                        change.after().termin.beginn() >= self.now().wall - TimeDelta::minutes(1)
                    );
                }
                self.keep(change);
            }
            Err(error) if !open => assert!(error.is_conflict(), "{error}"),
            Err(_) => {}
        }
    }

    fn answer(&mut self, before: &Telefonanruf, email: EmailId) {
        let change = before
            .clone()
            .settled(email, Erledigt::Beantwortet, self.now().at);
        let last = before.holds_slot() && before.email_ids == [email];
        assert_eq!(change.events().len(), usize::from(last));
        if before.holds_slot() {
            assert!(!change.after().email_ids.contains(&email));
            assert_eq!(change.after().holds_slot(), !last);
        }
        self.keep(change);
    }

    /// Goes on with the next call of the chain, if there is one.
    fn retry(&mut self) {
        let regeln = Wiederholungsregeln {
            max_versuche: self.max,
        };
        let heute = self.now().heute();
        let Ok(Some(retry)) = self.call.wiederholung(regeln, heute, &[]) else {
            return;
        };
        let agreed = self.call.ergebnis.art == Some(ErgebnisArt::RueckrufVereinbart);
        self.failures += i32::from(!agreed);
        assert!(retry.fruehestens >= heute);
        let slot = retry.fruehestens.and_time(time(23, 55));
        let id = TelefonanrufId(self.call.id.0 + 1);
        let change = retry.anruf.plan(id, slot, self.now()).unwrap();
        assert_eq!(change.after().versuch, 1 + self.failures);
        assert_eq!(change.after().vorgaenger_id, Some(self.call.id));
        self.events.clear();
        self.keep(change);
    }

    fn delete(&mut self) {
        let held = self.call.status == TelefonanrufStatus::Abgeschlossen;
        let kept = held || self.call.abgelehnt_am().is_some();
        let planned = self.call.holds_slot();
        let change = match self.call.clone().delete(self.now().at) {
            Deletion::Hide(change) => {
                assert!(kept);
                change
            }
            Deletion::Remove(change) => {
                assert!(!kept);
                change
            }
        };
        assert_eq!(change.events().len(), usize::from(planned));
        assert!(!change.after().holds_slot());
        // A new chain begins: what was deleted has no further life.
        self.keep(change);
        *self = Self::begin(self.max);
    }
}

proptest! {
    #[test]
    fn no_life_of_a_call_breaks_a_rule(steps in steps(), max in 1..5_i32) {
        let mut life = Life::begin(max);
        for step in steps {
            life.step(step);
        }
    }

    #[test]
    fn attempts_that_all_fail_end_after_the_maximum(max in 1..6_i32) {
        let mut life = Life::begin(max);
        let mut calls = 1;
        loop {
            let failed = Step::Put {
                status: Some(TelefonanrufStatus::Fehlgeschlagen),
                move_by_days: None,
                art: None,
                callback_on: None,
            };
            life.step(failed);
            let id = life.call.id;
            life.step(Step::Retry);
            if life.call.id == id {
                break;
            }
            calls += 1;
        }
        prop_assert_eq!(calls, max);
    }
}
