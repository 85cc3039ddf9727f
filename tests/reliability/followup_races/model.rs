//! What must become of every email by the contract, out of what was done to a therapist and when. Plain rules: nothing
//! here knows the service.

use std::collections::BTreeMap;

/// Microseconds since 1970, on the services' clock or on the wall.
pub(crate) type Micros = i64;

const DAY: Micros = 86_400_000_000;
const WEEK: i64 = 7;
const COOLING_OFF: i64 = 28;

/// While something was done; at which moment of it is not known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) from: Micros,
    pub(crate) to: Micros,
}

/// Something that was done, by email where it was done to one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Deed {
    /// It is this day, counted from 1970, from now on.
    Day(i64),
    /// Marked as sent by hand.
    Sent(i64),
    /// Queued; the worker sends it sooner or later.
    Queued(i64),
    /// The API showed it as sent.
    SeenSent(i64),
    /// Answered.
    Answered { email: i64, refuses: bool },
    /// The answer was a mistake.
    AnswerTakenBack(i64),
    /// Its follow-up was switched off, or on again.
    Switched { email: i64, off: bool },
    /// Hidden.
    Deleted(i64),
    /// Somebody was spoken to at this moment on the wall.
    Spoke { at: Micros, refuses: bool },
}

/// What may come of an email when a run looks at it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Outcomes {
    /// Nothing that is final.
    pub(crate) nothing: bool,
    /// A call, a new one or one that it joins.
    pub(crate) call: bool,
    /// No call, for good: the therapist has refused.
    pub(crate) refusal: bool,
}

impl Outcomes {
    const NOTHING: Self = Self {
        nothing: true,
        call: false,
        refusal: false,
    };

    fn or(self, other: Self) -> Self {
        Self {
            nothing: self.nothing || other.nothing,
            call: self.call || other.call,
            refusal: self.refusal || other.refusal,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Waiting, under way or sent.
    Perhaps,
    Sent,
}

/// An email that was sent or queued.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) id: i64,
    way: Way,
    /// The day that the 7-day rule counts from.
    day: i64,
    pub(crate) is_answered: bool,
    answered_on: Option<i64>,
    refuses: bool,
    pub(crate) is_off: bool,
    pub(crate) is_deleted: bool,
}

impl Mail {
    pub(crate) fn is_sent(&self) -> bool {
        self.way == Way::Sent
    }

    fn refused_on(&self) -> Option<i64> {
        let refuses = self.refuses && self.is_answered;
        self.answered_on.filter(|_| refuses)
    }
}

/// A therapist, as what was done has left them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Therapist {
    pub(crate) id: i64,
    pub(crate) log: Vec<(Span, Deed)>,
    pub(crate) mails: Vec<Mail>,
    today: i64,
    refused_by_phone: Option<i64>,
    spoken_to: Option<Micros>,
}

impl Therapist {
    pub(crate) fn new(id: i64) -> Self {
        Self {
            id,
            ..Self::default()
        }
    }

    /// Keeps what was done.
    pub(crate) fn note(&mut self, span: Span, deed: Deed) {
        self.log.push((span, deed));
        self.apply(deed);
    }

    fn apply(&mut self, deed: Deed) {
        match deed {
            Deed::Day(day) => self.today = day,
            Deed::Sent(id) => self.mails.push(self.mail(id, Way::Sent)),
            Deed::Queued(id) => self.mails.push(self.mail(id, Way::Perhaps)),
            Deed::SeenSent(id) => self.change(id, |mail, _| mail.way = Way::Sent),
            Deed::Answered { email, refuses } => self.change(email, |mail, today| {
                mail.is_answered = true;
                mail.answered_on.get_or_insert(today);
                mail.refuses |= refuses;
            }),
            Deed::AnswerTakenBack(id) => self.change(id, |mail, _| mail.is_answered = false),
            Deed::Switched { email, off } => self.change(email, |mail, _| mail.is_off = off),
            Deed::Deleted(id) => self.change(id, |mail, _| mail.is_deleted = true),
            Deed::Spoke { at, refuses } => {
                self.spoken_to = self.spoken_to.max(Some(at));
                let refused = Some(at / DAY).filter(|_| refuses);
                self.refused_by_phone = self.refused_by_phone.max(refused);
            }
        }
    }

    fn mail(&self, id: i64, way: Way) -> Mail {
        Mail {
            id,
            way,
            day: self.today,
            is_answered: false,
            answered_on: None,
            refuses: false,
            is_off: false,
            is_deleted: false,
        }
    }

    fn change(&mut self, id: i64, change: impl FnOnce(&mut Mail, i64)) {
        let mail = self.mails.iter_mut().find(|mail| mail.id == id);
        change(mail.unwrap(), self.today);
    }

    /// Mails whose follow-up was switched off at some time.
    pub(crate) fn ever_off(&self) -> impl Iterator<Item = i64> {
        self.log.iter().filter_map(|(_, deed)| match deed {
            Deed::Switched { email, off: true } => Some(*email),
            _ => None,
        })
    }

    /// Mails that were queued, and not seen as sent.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = i64> {
        let waiting = self.mails.iter().filter(|mail| !mail.is_sent());
        waiting.map(|mail| mail.id)
    }

    /// The first day on which no refusal is in the way.
    fn cool_again_on(&self) -> i64 {
        let by_mail = self.mails.iter().filter_map(Mail::refused_on).max();
        let last = by_mail.max(self.refused_by_phone);
        last.map_or(0, |day| day + COOLING_OFF)
    }

    /// Whether a mail may be queued today.
    pub(crate) fn may_be_mailed(&self) -> bool {
        let free_again = self.mails.iter().map(|mail| mail.day + WEEK).max();
        self.today >= self.cool_again_on().max(free_again.unwrap_or(0))
    }

    /// Whether a call can be booked within so many days.
    pub(crate) fn can_be_called(&self, horizon: i64) -> bool {
        self.cool_again_on() < self.today + horizon
    }

    /// What a run may decide of an email that was sent at this moment on the wall.
    fn outcomes(&self, mail: &Mail, sent_at: Micros) -> Outcomes {
        let spoken_to = self.spoken_to.is_some_and(|spoke| spoke > sent_at);
        if mail.is_answered || mail.is_off || spoken_to {
            return Outcomes::NOTHING;
        }
        let refusal = self.today < self.cool_again_on();
        Outcomes {
            nothing: mail.way == Way::Perhaps,
            call: !refusal,
            refusal,
        }
    }

    /// How the emails fared, by when they were sent on the wall.
    pub(crate) fn histories(&self, sent_at: &BTreeMap<i64, Micros>) -> BTreeMap<i64, History> {
        let mut now = Self::new(self.id);
        let mut histories: BTreeMap<i64, History> = BTreeMap::new();
        for (span, deed) in &self.log {
            now.apply(*deed);
            for mail in &now.mails {
                let outcomes = now.outcomes(mail, sent_at[&mail.id]);
                histories.entry(mail.id).or_default().go_on(*span, outcomes);
            }
        }
        histories
    }
}

/// What runs may have decided about an email, from when on.
#[derive(Debug, Default)]
pub(crate) struct History(Vec<(Span, Outcomes)>);

/// What was decided about an email, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decision {
    pub(crate) at: Micros,
    pub(crate) is_call: bool,
}

impl History {
    fn go_on(&mut self, span: Span, outcomes: Outcomes) {
        if self.0.last().is_none_or(|(_, last)| *last != outcomes) {
            self.0.push((span, outcomes));
        }
    }

    /// What a run may have decided that looked at the email between these moments.
    pub(crate) fn between(&self, from: Micros, to: Micros) -> Outcomes {
        let mut seen = Outcomes::default();
        let mut before = Outcomes::NOTHING;
        let mut begins = Micros::MIN;
        for (span, outcomes) in &self.0 {
            if begins <= to && span.to >= from {
                seen = seen.or(before);
            }
            (before, begins) = (*outcomes, span.from);
        }
        match begins <= to {
            true => seen.or(before),
            false => seen,
        }
    }

    /// What is wrong with a decision, or with there being none, after these runs.
    pub(crate) fn mistake(&self, decision: Option<Decision>, runs: &[Span]) -> Option<String> {
        if let Some(made) = decision {
            let run = runs
                .iter()
                .find(|run| run.from <= made.at && made.at <= run.to);
            let Some(run) = run else {
                return Some(format!("{made:?} was made by no run"));
            };
            let possible = self.between(made.at, run.to);
            let right = if made.is_call {
                possible.call
            } else {
                possible.refusal
            };
            if !right {
                return Some(format!("{made:?}, where {possible:?} was possible"));
            }
        }
        let overlooks = |run: &&Span| {
            let is_certain = !self.between(run.from, run.to).nothing;
            is_certain && decision.is_none_or(|made| made.at > run.to)
        };
        let overlooked = runs.iter().find(overlooks)?;
        Some(format!("{decision:?}: it was overlooked by {overlooked:?}"))
    }

    /// Whether it was uncertain what a run would decide at this moment: something else was done just then.
    pub(crate) fn was_disputed(&self, decision: Decision, runs: &[Span]) -> bool {
        let run = runs.iter().find(|run| run.to >= decision.at);
        let possible = run.map(|run| self.between(decision.at, run.to));
        possible.is_some_and(
            |Outcomes {
                 nothing,
                 call,
                 refusal,
             }| { u8::from(nothing) + u8::from(call) + u8::from(refusal) > 1 },
        )
    }
}
