//! The list of calls: order, filters, pages and totals.

use crate::support::{Db, db};
use comm_domain::outreach::telefonanruf::{Gefuehrt, Tatsaechlich};
use comm_domain::outreach::{
    EmailId, Empfaenger, NewTelefonanruf, RecipientType, Telefonanruf, TelefonanrufId,
    TelefonanrufPatch, TelefonanrufStatus,
};
use comm_ports::outreach::{
    Ablage, Counting, TelefonanrufFilter, TelefonanrufQuery, TelefonanrufStore,
};
use comm_ports::page::{Page, PageRequest, Total};
use comm_ports::testing::build::{moment, tag, zeit};

/// Stores a call that was made without a plan: many may share a slot.
async fn held(db: &Db, id: i64, person: Empfaenger, minute: u32) -> Telefonanruf {
    let gefuehrt = Gefuehrt {
        tatsaechlich: Tatsaechlich {
            datum: Some(tag(0)),
            zeit: Some(zeit(0, 9, minute).time()),
        },
        ..Gefuehrt::default()
    };
    let change = NewTelefonanruf::to(person)
        .record(TelefonanrufId(id), gefuehrt, moment())
        .unwrap();
    let stored = db.insert_telefonanruf(change, Ablage::default()).await;
    stored.unwrap()
}

async fn page(db: &Db, query: TelefonanrufQuery) -> Page<Telefonanruf> {
    db.store.list_telefonanrufe(&query).await.unwrap()
}

fn ids(page: &Page<Telefonanruf>) -> Vec<i64> {
    page.rows.iter().map(|anruf| anruf.id.0).collect()
}

#[tokio::test]
async fn pages_follow_each_other_newest_slot_first_also_through_many_of_one_slot() {
    let db = db().await;
    let mut calls = Vec::new();
    for id in 1..=25 {
        let minute = [0, 30, 5][usize::try_from(id % 3).unwrap()];
        let call = held(&db, id, Empfaenger::Therapeut(7), minute).await;
        calls.push((call.termin.beginn(), id));
    }
    db.sql("UPDATE communication_service.telefonanrufe SET geplantes_datum = '1969-12-31' WHERE id < 6")
        .await;
    let before_the_epoch = chrono::NaiveDate::from_ymd_opt(1969, 12, 31).unwrap();
    for (beginn, _) in calls.iter_mut().filter(|(_, id)| *id < 6) {
        *beginn = before_the_epoch.and_time(beginn.time());
    }
    calls.sort_unstable();
    let expected: Vec<i64> = calls.iter().rev().map(|(_, id)| *id).collect();
    let mut request = PageRequest::numbered(1, 4);
    let mut found = Vec::new();
    for number in 1.. {
        let by_cursor = page(
            &db,
            TelefonanrufQuery {
                page: request,
                ..TelefonanrufQuery::default()
            },
        )
        .await;
        let by_number = page(
            &db,
            TelefonanrufQuery {
                page: PageRequest::numbered(number, 4),
                ..TelefonanrufQuery::default()
            },
        )
        .await;
        assert_eq!(by_cursor.rows, by_number.rows);
        assert_eq!(by_cursor.next, by_number.next);
        assert_eq!(by_cursor.total.is_some(), number == 1);
        let total = Total {
            count: 25,
            capped: false,
        };
        assert_eq!(by_number.total, Some(total));
        found.extend(ids(&by_cursor));
        let Some(next) = by_cursor.next else { break };
        let next = next.to_string().parse().expect("a cursor of ours");
        request = PageRequest::after(next, 4);
    }
    assert_eq!(found, expected);
}

/// Six calls that differ in every field by which a list can be filtered; and one that was deleted.
async fn varied(db: &Db) {
    let call = |id: i64, person| {
        let mut new = NewTelefonanruf::to(person);
        new.therapeutenanfrage_id = Some(id / 3 + 1);
        new
    };
    for (id, person, day) in [
        (1, Empfaenger::Therapeut(7), 2),
        (2, Empfaenger::Therapeut(8), 3),
        (3, Empfaenger::Patient(7), 4),
        (4, Empfaenger::Patient(9), 5),
        (5, Empfaenger::Therapeut(7), 6),
        (6, Empfaenger::Therapeut(7), 7),
        (7, Empfaenger::Therapeut(7), 8),
    ] {
        let mut new = call(id, person).with_email_ids(vec![EmailId(id), EmailId(10 * id)]);
        if id % 2 == 0 {
            new = new.with_bearbeiter("Anna").unwrap();
        }
        let change = new
            .plan(TelefonanrufId(id), zeit(day, 9, 0), moment())
            .unwrap();
        let stored = db.insert_telefonanruf(change, Ablage::default()).await;
        stored.unwrap();
    }
    for (id, status) in [
        (2, TelefonanrufStatus::Abgeschlossen),
        (5, TelefonanrufStatus::Fehlgeschlagen),
        (6, TelefonanrufStatus::Abgebrochen),
    ] {
        let patch = TelefonanrufPatch {
            status: Some(status),
            ..TelefonanrufPatch::default()
        };
        db.edit(id, patch).await.unwrap();
    }
    db.delete(7).await;
}

type Set = fn(&mut TelefonanrufFilter);

/// Each filter, and which of the calls it shows.
const FILTERS: &[(Set, &[i64])] = &[
    (|_| {}, &[6, 5, 4, 3, 2, 1]),
    (|filter| filter.therapist_id = Some(7), &[6, 5, 1]),
    (|filter| filter.patient_id = Some(7), &[3]),
    (|filter| filter.therapeutenanfrage_id = Some(2), &[5, 4, 3]),
    (
        |filter| filter.recipient_type = Some(RecipientType::Therapist),
        &[6, 5, 2, 1],
    ),
    (
        |filter| filter.recipient_type = Some(RecipientType::Patient),
        &[4, 3],
    ),
    (
        |filter| filter.status = Some(TelefonanrufStatus::Geplant),
        &[4, 3, 1],
    ),
    (
        |filter| filter.bearbeiter = Some("Anna".to_owned()),
        &[6, 4, 2],
    ),
    (|filter| filter.geplantes_datum = Some(tag(4)), &[3]),
    (|filter| filter.von = Some(tag(4)), &[6, 5, 4, 3]),
    (|filter| filter.bis = Some(tag(4)), &[3, 2, 1]),
    (
        |filter| {
            filter.von = Some(tag(3));
            filter.bis = Some(tag(6));
            filter.recipient_type = Some(RecipientType::Therapist);
        },
        &[5, 2],
    ),
];

#[tokio::test]
async fn every_filter_shows_its_calls_with_their_emails_and_no_deleted_one() {
    let db = db().await;
    varied(&db).await;
    for (set, expected) in FILTERS {
        let mut filter = TelefonanrufFilter::default();
        set(&mut filter);
        let query = TelefonanrufQuery {
            filter: filter.clone(),
            ..TelefonanrufQuery::default()
        };
        let page = page(&db, query).await;
        assert_eq!(ids(&page), *expected, "{filter:?}");
        let count = i64::try_from(expected.len()).unwrap();
        let total = Total {
            count,
            capped: false,
        };
        assert_eq!(page.total, Some(total));
        for anruf in &page.rows {
            let id = anruf.id.0;
            assert_eq!(anruf.email_ids, [EmailId(id), EmailId(10 * id)]);
            let alone = db.store.telefonanruf(anruf.id).await.unwrap();
            assert_eq!(alone.as_ref(), Some(anruf));
        }
    }
}

#[tokio::test]
async fn a_total_is_exact_up_to_ten_thousand_and_beyond_where_it_is_asked_for() {
    let db = db().await;
    db.sql(
        "INSERT INTO communication_service.telefonanrufe (patient_id, geplantes_datum, geplante_zeit, dauer_minuten, \
           status, versuch, created_at, updated_at, sequence) \
         SELECT n, '2026-02-02', '09:00', 5, 'geplant', 1, now(), now(), 1 FROM generate_series(1, 10001) n",
    )
    .await;
    let total = async |counting, number| {
        let query = TelefonanrufQuery {
            page: PageRequest::numbered(number, 1000),
            counting,
            ..TelefonanrufQuery::default()
        };
        let page = page(&db, query).await;
        let total = page.total.unwrap();
        (page.rows.len(), total.count, total.capped)
    };
    assert_eq!(total(Counting::Capped, 1).await, (1000, 10_000, true));
    assert_eq!(total(Counting::Exact, 1).await, (1000, 10_001, false));
    assert_eq!(total(Counting::Capped, 11).await, (1, 10_000, true));
    assert_eq!(total(Counting::Capped, 12).await, (0, 10_000, true));
    db.sql("DELETE FROM communication_service.telefonanrufe WHERE patient_id = 1")
        .await;
    assert_eq!(total(Counting::Capped, 1).await, (1000, 10_000, false));
}
