//! The books of all clerks, and whether the database agrees with them.

use super::clerk::Clerk;
use super::model::{Decision, Micros, Span, Therapist};
use crate::booking::OVERLAPS;
use comm_tests::{Answer, World};
use std::collections::{BTreeMap, BTreeSet};

/// Each finds what there must never be any of.
const BROKEN: &[(&str, &str)] = &[
    (
        "planned calls about mails that are answered or switched off",
        "SELECT count(*) FROM communication_service.telefonanrufe AS anruf \
         JOIN communication_service.telefonanruf_emails ON telefonanruf_id = anruf.id \
         JOIN communication_service.emails AS email ON email.id = email_id \
         WHERE anruf.status = 'geplant' AND (antwort_erhalten OR nachverfolgung_erforderlich IS FALSE)",
    ),
    (
        "planned calls all of whose mails are gone",
        "SELECT count(*) FROM communication_service.telefonanrufe AS anruf WHERE status = 'geplant' \
           AND NOT EXISTS (SELECT FROM communication_service.telefonanruf_emails WHERE telefonanruf_id = anruf.id) \
           AND (EXISTS (SELECT FROM communication_service.nachverfolgungen WHERE telefonanruf_id = anruf.id) \
             OR EXISTS (SELECT FROM communication_service.telefonanruf_emails WHERE telefonanruf_id = anruf.vorgaenger_id))",
    ),
    (
        "mails on two chains of calls",
        "WITH RECURSIVE kette AS ( \
           SELECT id, id AS erster FROM communication_service.telefonanrufe WHERE vorgaenger_id IS NULL \
           UNION ALL SELECT anruf.id, erster FROM communication_service.telefonanrufe AS anruf JOIN kette ON vorgaenger_id = kette.id) \
         SELECT count(*) FROM (SELECT email_id FROM communication_service.telefonanruf_emails \
           JOIN kette ON kette.id = telefonanruf_id GROUP BY email_id HAVING count(DISTINCT erster) > 1) AS doubled",
    ),
    (
        "calls planned for the silence of two mails",
        "SELECT count(*) FROM (SELECT FROM communication_service.nachverfolgungen WHERE entscheidung = 'geplant' \
           GROUP BY telefonanruf_id HAVING count(*) > 1) AS doubled",
    ),
    (
        "mails on a call without a decision",
        "SELECT count(*) FROM communication_service.telefonanruf_emails AS zu WHERE NOT EXISTS ( \
           SELECT FROM communication_service.nachverfolgungen AS nach \
           WHERE nach.email_id = zu.email_id AND entscheidung IN ('geplant', 'angeschlossen'))",
    ),
    (
        "calls to somebody else than the mail was for",
        "SELECT count(*) FROM communication_service.telefonanruf_emails \
         JOIN communication_service.telefonanrufe AS anruf ON anruf.id = telefonanruf_id \
         JOIN communication_service.emails AS email ON email.id = email_id \
         WHERE anruf.therapist_id <> email.therapist_id",
    ),
    (
        "mails within seven days of another",
        "SELECT count(*) FROM communication_service.emails AS one \
         JOIN communication_service.emails AS other ON other.therapist_id = one.therapist_id AND other.id <> one.id \
         WHERE coalesce(other.in_warteschlange_am, other.gesendet_am) <= one.in_warteschlange_am \
           AND other.status IN ('In_Warteschlange', 'Wird_gesendet', 'Gesendet') \
           AND (one.in_warteschlange_am AT TIME ZONE 'Europe/Berlin')::date \
             - (greatest(other.in_warteschlange_am, other.gesendet_am) AT TIME ZONE 'Europe/Berlin')::date < 7",
    ),
    (
        "calls whose events have a gap, or that were planned twice",
        "SELECT count(*) FROM communication_service.telefonanrufe AS anruf, LATERAL ( \
           SELECT count(*) AS events, count(*) FILTER (WHERE event_type = 'communication.call_scheduled') AS planned, \
             max(outbox.sequence) AS last \
           FROM communication_service.outbox WHERE aggregate = 'telefonanruf' AND aggregate_id = anruf.id) AS told \
         WHERE planned <> 1 OR events <> last OR last <> anruf.sequence",
    ),
    ("overlapping calls", OVERLAPS),
];

/// Sent mails with what was decided about them. Times are microseconds since 1970.
const MAILS: &str = "SELECT email.id, therapist_id, \
       CAST(extract(epoch FROM gesendet_am AT TIME ZONE 'Europe/Berlin') * 1000000 AS bigint) AS sent_at, \
       CAST(extract(epoch FROM entschieden_am) * 1000000 AS bigint) AS decided_at, telefonanruf_id IS NOT NULL AS is_call \
     FROM communication_service.emails AS email \
     LEFT JOIN communication_service.nachverfolgungen ON email_id = email.id AND endgueltig \
     WHERE status = 'Gesendet'";

/// What was done, and what came of it.
#[derive(Default)]
pub(crate) struct Books {
    /// By clerk.
    pub(crate) therapists: Vec<Vec<Therapist>>,
    /// The runs that have come to their end.
    pub(crate) runs: Vec<Span>,
    did: BTreeMap<&'static str, u64>,
    booked: BTreeSet<i64>,
    ended: BTreeSet<i64>,
    /// Decisions made beside something that would have changed them.
    disputed: u64,
}

impl Books {
    /// As many therapists, shared out among as many clerks.
    pub(crate) fn of(clerks: u64, therapists: u64) -> Self {
        let share = |clerk: u64| {
            let ids = (1..=therapists).filter(|id| id % clerks == clerk);
            ids.map(|id| Therapist::new(i64::try_from(id).unwrap()))
                .collect()
        };
        Self {
            therapists: (0..clerks).map(share).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn take_over(&mut self, clerks: Vec<Clerk>, runs: Vec<(Span, Answer)>) {
        for clerk in clerks {
            self.therapists.push(clerk.therapists);
            self.booked.extend(clerk.booked);
            self.ended.extend(clerk.ended);
            for (what, count) in clerk.did {
                self.count(what, count);
            }
        }
        // As they were: who gets which choices next is not up to who was ready first.
        self.therapists.sort_by_key(|persons| persons[0].id);
        for (span, answer) in &runs {
            self.count_run(*span, answer);
        }
    }

    fn count(&mut self, what: &'static str, count: u64) {
        *self.did.entry(what).or_default() += count;
    }

    /// Another run may be under way; nothing else may be in its way.
    pub(crate) fn count_run(&mut self, span: Span, answer: &Answer) {
        if answer.status == 409 {
            return self.count("runs beside another", 1);
        }
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.count("runs", 1);
        self.runs.push(span);
        for row in answer.body["data"].as_array().unwrap() {
            match row["entscheidung"].as_str().unwrap() {
                "geplant" => self.count("calls planned by runs", 1),
                "angeschlossen" => self.count("mails that joined a call", 1),
                "gelassen" if row["grund"] == "sperrfrist" => {
                    self.count("mails left for a refusal", 1);
                }
                other => assert_ne!(other, "offen", "there is always a slot: {row}"),
            }
        }
    }

    /// What must hold at any time when nobody works.
    pub(crate) async fn assert_nothing_broken(&self, world: &World) {
        for (what, sql) in BROKEN {
            assert_eq!(world.number(sql).await, 0, "{what}");
        }
        let nobodys = format!(
            "SELECT count(*) FROM communication_service.telefonanrufe AS anruf \
             WHERE vorgaenger_id IS NULL AND id <> ALL(ARRAY{:?}::bigint[]) \
               AND NOT EXISTS (SELECT FROM communication_service.nachverfolgungen \
                 WHERE telefonanruf_id = anruf.id AND entscheidung = 'geplant')",
            Vec::from_iter(&self.booked)
        );
        assert_eq!(world.number(&nobodys).await, 0, "calls that nobody planned");
        let ever_off = self
            .therapists
            .iter()
            .flatten()
            .flat_map(Therapist::ever_off);
        let lost = format!(
            "SELECT count(*) FROM communication_service.nachverfolgungen AS nach \
             JOIN communication_service.emails AS email ON email.id = nach.email_id \
             WHERE nach.telefonanruf_id IS NOT NULL AND antwortdatum IS NULL AND email.id <> ALL(ARRAY{:?}::bigint[]) \
               AND NOT EXISTS (SELECT FROM communication_service.telefonanruf_emails AS zu \
                 WHERE zu.telefonanruf_id = nach.telefonanruf_id AND zu.email_id = nach.email_id)",
            Vec::from_iter(ever_off)
        );
        let what = "mails that nothing has taken off their call";
        assert_eq!(world.number(&lost).await, 0, "{what}");
        let unasked = format!(
            "SELECT count(*) FROM {} AND EXISTS (SELECT FROM communication_service.telefonanruf_emails \
               WHERE telefonanruf_id = anruf.id)",
            self.cancelled()
        );
        assert_eq!(
            world.number(&unasked).await,
            0,
            "calls that nobody called off"
        );
    }

    /// Calls that were not called off by a clerk.
    fn cancelled(&self) -> String {
        format!(
            "communication_service.telefonanrufe AS anruf WHERE status = 'abgebrochen' AND id <> ALL(ARRAY{:?}::bigint[])",
            Vec::from_iter(&self.ended)
        )
    }

    /// Every decision is one that the model allows, and none is missing.
    pub(crate) async fn assert_as_predicted(&mut self, world: &World) {
        let database = world.database.connect().await.unwrap();
        let mut sent_at: BTreeMap<i64, Micros> = BTreeMap::new();
        let mut decisions: BTreeMap<i64, Decision> = BTreeMap::new();
        for row in database.query(MAILS, &[]).await.unwrap() {
            let id: i64 = row.get("id");
            sent_at.insert(id, row.get("sent_at"));
            if let Some(at) = row.get("decided_at") {
                let is_call = row.get("is_call");
                decisions.insert(id, Decision { at, is_call });
            }
        }
        let (mut known, mut mistakes, mut disputed) = (0, Vec::new(), 0);
        for person in self.therapists.iter().flatten() {
            for (id, history) in person.histories(&sent_at) {
                known += 1;
                let decision = decisions.get(&id).copied();
                mistakes.extend(history.mistake(decision, &self.runs).map(|mistake| {
                    format!(
                        "email {id} to therapist {}: {mistake}; {history:?}",
                        person.id
                    )
                }));
                let is_disputed = |made| history.was_disputed(made, &self.runs);
                disputed += u64::from(decision.is_some_and(is_disputed));
            }
        }
        self.disputed = disputed;
        assert_eq!(known, sent_at.len(), "every sent mail is in the books");
        assert!(
            mistakes.is_empty(),
            "{}:\n{}",
            mistakes.len(),
            mistakes.join("\n")
        );
        let planned = self
            .did
            .iter()
            .filter(|(what, _)| what.starts_with("mails ") || what.starts_with("calls planned"));
        let decided: u64 = planned.map(|(_, count)| count).sum();
        assert_eq!(
            u64::try_from(decisions.len()).unwrap(),
            decided,
            "what the runs have answered"
        );
    }

    /// What has happened how often.
    pub(crate) async fn did(&self, world: &World) -> BTreeMap<&'static str, u64> {
        let cancelled = format!("SELECT count(*) FROM {}", self.cancelled());
        let cancelled = world.number(&cancelled).await;
        let mut did = self.did.clone();
        did.insert(
            "calls without a mail cancelled",
            u64::try_from(cancelled).unwrap(),
        );
        did.insert("decisions beside a change", self.disputed);
        did
    }
}
