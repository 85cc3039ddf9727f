//! Clerks and clients at work: each has therapists of their own, and writes down what was done to them and when.

use super::model::{Deed, Mail, Micros, Span, Therapist};
use crate::followups::{draft, sent};
use comm_tests::{Answer, Client, Seeded, World};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

pub(crate) const HORIZON: i64 = 28;
const SECOND: Micros = 1_000_000;
const MINUTE: Micros = 60 * SECOND;

/// Two instances on one day.
pub(crate) struct Office {
    pub(crate) clients: [Client; 2],
    /// By how much the services' clocks are ahead.
    pub(crate) ahead: Micros,
    /// By how much the wall clock is ahead of UTC.
    pub(crate) zone: Micros,
    /// The day, as the API writes it.
    pub(crate) date: String,
    /// The day, counted from 1970.
    pub(crate) today: i64,
}

impl Office {
    /// Whose clocks are ahead by so many seconds; nobody is there yet.
    pub(crate) async fn at(world: &World, ahead: i64) -> Self {
        let wall = format!("((now() + interval '{ahead} seconds') AT TIME ZONE 'Europe/Berlin')");
        let zone = format!(
            "SELECT round(extract(epoch FROM {wall} - (now() + interval '{ahead} seconds') AT TIME ZONE 'UTC'))::bigint"
        );
        let nobody = Client::new(1);
        Self {
            clients: [nobody.clone(), nobody],
            ahead: ahead * SECOND,
            zone: world.number(&zone).await * SECOND,
            date: world.text(&format!("SELECT {wall}::date::text")).await,
            today: world
                .number(&format!(
                    "SELECT ({wall}::date - date '1970-01-01')::bigint"
                ))
                .await,
        }
    }

    /// What the services' clocks show.
    pub(crate) fn now(&self) -> Micros {
        let since = UNIX_EPOCH.elapsed().unwrap().as_micros();
        Micros::try_from(since).unwrap() + self.ahead
    }

    pub(crate) async fn timed<T>(&self, work: impl Future<Output = T>) -> (Span, T) {
        let from = self.now();
        let done = work.await;
        let to = self.now();
        (Span { from, to }, done)
    }

    pub(crate) fn moment(&self) -> Span {
        let now = self.now();
        Span { from: now, to: now }
    }
}

/// One who does one thing after the other.
pub(crate) struct Clerk {
    pub(crate) office: Arc<Office>,
    pub(crate) choice: Seeded,
    pub(crate) therapists: Vec<Therapist>,
    pub(crate) did: BTreeMap<&'static str, u64>,
    /// Calls that were booked here.
    pub(crate) booked: BTreeSet<i64>,
    /// Calls that were deleted or called off here.
    pub(crate) ended: BTreeSet<i64>,
}

impl Clerk {
    pub(crate) fn new(office: &Arc<Office>, choice: Seeded, therapists: Vec<Therapist>) -> Self {
        Self {
            office: Arc::clone(office),
            choice,
            therapists,
            did: BTreeMap::new(),
            booked: BTreeSet::new(),
            ended: BTreeSet::new(),
        }
    }

    pub(crate) async fn work(&mut self, steps: u64) {
        for _ in 0..steps {
            let last = u64::try_from(self.therapists.len() - 1).unwrap();
            let place = usize::try_from(self.choice.between(0, last)).unwrap();
            let mut person = std::mem::take(&mut self.therapists[place]);
            let did = self.step(&mut person).await;
            *self.did.entry(did).or_default() += 1;
            self.therapists[place] = person;
        }
    }

    /// One step; where what was drawn cannot be done, a mail is sent.
    async fn step(&mut self, person: &mut Therapist) -> &'static str {
        let did = match self.choice.between(0, 99) {
            0..=15 => self.queue(person).await,
            16..=22 => self.queue_two(person).await,
            23..=37 => self.answer(person).await,
            38..=41 => self.take_answer_back(person).await,
            42..=48 => self.switch(person).await,
            49..=54 => self.delete(person).await,
            55..=59 => self.look(person).await,
            60..=64 => self.book(person).await,
            65..=72 => self.delete_call(person).await,
            73..=80 => self.end_call(person).await,
            81..=84 => self.call_off(person).await,
            _ => None,
        };
        match did {
            Some(did) => did,
            None => self.send(person).await,
        }
    }

    fn client(&mut self) -> Client {
        let either = usize::try_from(self.choice.between(0, 1)).unwrap();
        self.office.clients[either].clone()
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let last = u64::try_from(all.len().checked_sub(1)?).unwrap();
        all.get(usize::try_from(self.choice.between(0, last)).unwrap())
    }

    /// Any of those mails that the API shows and that are like this.
    fn mail(&mut self, person: &Therapist, like: impl Fn(&Mail) -> bool) -> Option<Mail> {
        let shown = person.mails.iter().filter(|mail| !mail.is_deleted);
        let all: Vec<&Mail> = shown.filter(|mail| like(mail)).collect();
        self.one_of(&all).map(|mail| (*mail).clone())
    }

    async fn send(&mut self, person: &mut Therapist) -> &'static str {
        let client = self.client();
        let (span, id) = self.office.timed(sent(&client, person.id)).await;
        person.note(span, Deed::Sent(id));
        "sent by hand"
    }

    async fn queue(&mut self, person: &mut Therapist) -> Option<&'static str> {
        let client = self.client();
        let mail = draft(person.id, "In_Warteschlange");
        let post = client.post("/api/emails", &mail);
        let (span, answer) = self.office.timed(post).await;
        Some(queued(person, span, &[answer]))
    }

    /// At the same moment, at both instances: one at most may go.
    async fn queue_two(&mut self, person: &mut Therapist) -> Option<&'static str> {
        let mail = draft(person.id, "In_Warteschlange");
        let [one, other] = &self.office.clients;
        let both = async {
            let posts = (
                one.post("/api/emails", &mail),
                other.post("/api/emails", &mail),
            );
            let (one, other) = tokio::join!(posts.0, posts.1);
            [one, other]
        };
        let (span, answers) = self.office.timed(both).await;
        Some(match queued(person, span, &answers) {
            "queued" => "one of two queued",
            refused => refused,
        })
    }

    async fn answer(&mut self, person: &mut Therapist) -> Option<&'static str> {
        let email = self.mail(person, |mail| !mail.is_answered)?.id;
        let refuses = self.choice.between(0, 5) == 0;
        let body = match refuses {
            true => json!({"antwort_erhalten": true, "antwort_art": "abgelehnt"}),
            false => json!({"antwort_erhalten": true}),
        };
        let deed = Deed::Answered { email, refuses };
        self.change(person, email, &body, deed).await;
        Some(if refuses {
            "refused by mail"
        } else {
            "answered"
        })
    }

    async fn take_answer_back(&mut self, person: &mut Therapist) -> Option<&'static str> {
        let email = self.mail(person, |mail| mail.is_answered)?.id;
        let body = json!({"antwort_erhalten": false});
        let deed = Deed::AnswerTakenBack(email);
        self.change(person, email, &body, deed).await;
        Some("answer taken back")
    }

    async fn switch(&mut self, person: &mut Therapist) -> Option<&'static str> {
        let mail = self.mail(person, |_| true)?;
        let (email, off) = (mail.id, !mail.is_off);
        let body = json!({"nachverfolgung_erforderlich": !off});
        let deed = Deed::Switched { email, off };
        self.change(person, email, &body, deed).await;
        Some(if off { "switched off" } else { "switched on" })
    }

    async fn change(&mut self, person: &mut Therapist, email: i64, body: &Value, deed: Deed) {
        let path = format!("/api/emails/{email}");
        let client = self.client();
        let (span, answer) = self.office.timed(client.put(&path, body)).await;
        let answer = answer.expect(200).body;
        person.note(span, deed);
        notice(person, span, &answer);
    }

    async fn delete(&mut self, person: &mut Therapist) -> Option<&'static str> {
        let email = self.mail(person, Mail::is_sent)?.id;
        let path = format!("/api/emails/{email}");
        let client = self.client();
        let (span, answer) = self.office.timed(client.delete(&path)).await;
        answer.expect(200);
        person.note(span, Deed::Deleted(email));
        Some("sent mail deleted")
    }

    async fn look(&mut self, person: &mut Therapist) -> Option<&'static str> {
        let email = self.mail(person, |mail| !mail.is_sent())?.id;
        let path = format!("/api/emails/{email}");
        let client = self.client();
        let (span, answer) = self.office.timed(client.get(&path)).await;
        notice(person, span, &answer.expect(200).body);
        Some("looked")
    }

    async fn book(&mut self, person: &mut Therapist) -> Option<&'static str> {
        let body = json!({"therapist_id": person.id});
        let answer = self.client().post("/api/phone-calls", &body).await;
        if !person.can_be_called(HORIZON) {
            assert_eq!(answer.expect(409).body["grund"], "sperrfrist");
            return Some("booking refused");
        }
        self.booked
            .insert(answer.expect(201).body["id"].as_i64().unwrap());
        Some("booked")
    }

    /// A call of this therapist that is planned; the job may have planned it a moment ago.
    async fn planned(&mut self, person: &Therapist) -> Option<i64> {
        let path = format!("/api/phone-calls?therapist_id={}&status=geplant", person.id);
        let page = self.client().get(&path).await.expect(200).body;
        let calls = page["data"].as_array().unwrap();
        self.one_of(calls).map(|call| call["id"].as_i64().unwrap())
    }

    async fn delete_call(&mut self, person: &mut Therapist) -> Option<&'static str> {
        let call = self.planned(person).await?;
        let path = format!("/api/phone-calls/{call}");
        self.client().delete(&path).await.expect(200);
        self.ended.insert(call);
        Some("call deleted")
    }

    async fn call_off(&mut self, person: &mut Therapist) -> Option<&'static str> {
        let call = self.planned(person).await?;
        let path = format!("/api/phone-calls/{call}");
        let body = json!({"status": "abgebrochen"});
        self.client().put(&path, &body).await.expect(200);
        self.ended.insert(call);
        Some("call called off")
    }

    /// A call that was made: now, or a minute or two from now, which spoils what is sent until then.
    async fn end_call(&mut self, person: &mut Therapist) -> Option<&'static str> {
        let call = self.planned(person).await?;
        let path = format!("/api/phone-calls/{call}");
        let (art, reached) = match self.choice.between(0, 7) {
            0 => ("abgelehnt", true),
            1..=3 => ("nicht_erreicht", false),
            _ => ("sonstiges", true),
        };
        let now = self.office.now() + self.office.zone;
        let minutes = now / MINUTE + Micros::try_from(self.choice.between(0, 2)).unwrap();
        let of_day = minutes % (24 * 60);
        let body = json!({
            "status": "abgeschlossen",
            "ergebnis_art": art,
            "tatsaechliches_datum": self.office.date,
            "tatsaechliche_zeit": format!("{:02}:{:02}", of_day / 60, of_day % 60),
        });
        let client = self.client();
        let (span, answer) = self.office.timed(client.put(&path, &body)).await;
        answer.expect(200);
        if !reached {
            return Some("nobody reached");
        }
        let deed = Deed::Spoke {
            at: minutes * MINUTE,
            refuses: art == "abgelehnt",
        };
        person.note(span, deed);
        Some(if art == "abgelehnt" {
            "refused by phone"
        } else {
            "spoken to"
        })
    }
}

/// One of these goes if the rules allow it; the others are refused.
fn queued(person: &mut Therapist, span: Span, answers: &[Answer]) -> &'static str {
    let allowed = usize::from(person.may_be_mailed());
    let went = answers.iter().filter(|answer| answer.status == 201);
    let ids: Vec<i64> = went.map(|mail| mail.body["id"].as_i64().unwrap()).collect();
    let said: Vec<(u16, &Value)> = answers
        .iter()
        .map(|one| (one.status, &one.body["grund"]))
        .collect();
    assert_eq!(ids.len(), allowed, "therapist {}: {said:?}", person.id);
    for (status, grund) in said {
        let is_rule = [json!("wochenfrist"), json!("sperrfrist")].contains(grund);
        assert!(
            status == 201 || (status == 409 && is_rule),
            "{status}: {grund}"
        );
    }
    match ids.first() {
        Some(id) => {
            person.note(span, Deed::Queued(*id));
            "queued"
        }
        None => "queueing refused",
    }
}

/// The API may show that a queued mail was sent.
fn notice(person: &mut Therapist, span: Span, email: &Value) {
    let id = email["id"].as_i64().unwrap();
    let waited = person
        .mails
        .iter()
        .any(|mail| mail.id == id && !mail.is_sent());
    if waited && email["status"] == "Gesendet" {
        person.note(span, Deed::SeenSent(id));
    }
}
