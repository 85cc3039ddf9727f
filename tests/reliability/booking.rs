//! Many clients book, move and cancel calls at the same moment, through two instances: nobody is booked twice.

use comm_tests::{Answer, Client, Seeded, World};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::Mutex;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const CLIENTS: u64 = 64;
const ATTEMPTS: u64 = 10_000;
const THERAPISTS: u64 = 20;
const IDLE: usize = 50;

/// Overlaps of planned calls of one person, by their dates and times, not by what the constraint compares.
pub(crate) const OVERLAPS: &str = "SELECT count(*) FROM communication_service.telefonanrufe AS a \
     JOIN communication_service.telefonanrufe AS b ON a.id < b.id \
       AND (a.therapist_id = b.therapist_id OR a.patient_id = b.patient_id) \
     WHERE a.status = 'geplant' AND b.status = 'geplant' \
       AND a.geplantes_datum + a.geplante_zeit < b.geplantes_datum + b.geplante_zeit + b.dauer_minuten * interval '1 minute' \
       AND b.geplantes_datum + b.geplante_zeit < a.geplantes_datum + a.geplante_zeit + a.dauer_minuten * interval '1 minute'";

/// Of three days in a row, a week apart, one at least is no public holiday, also around the turn of the year.
async fn three_weeks() -> World {
    let world = World::without_kafka().await;
    world.set("COMM__CALLS__HORIZON_DAYS", "21")
}

/// One hour a week, on the day that comes after tomorrow.
async fn one_hour_a_week(world: &World, client: &Client, therapist: u64) {
    let day = "SELECT extract(isodow FROM (now() AT TIME ZONE 'Europe/Berlin')::date + 2)::bigint";
    let names = ["mo", "di", "mi", "do", "fr", "sa", "so"];
    let name = names[usize::try_from(world.number(day).await).unwrap() - 1];
    let path = format!("/api/therapists/{therapist}/erreichbarkeit");
    let hours = json!({ (name): ["09:00-10:00"] });
    client.put(&path, &hours).await.expect(200);
}

async fn free_slots(client: &Client, therapist: u64) -> Vec<(Value, Value)> {
    let path = format!("/api/therapists/{therapist}/slots?limit=1000");
    let slots = client.get(&path).await.expect(200).body;
    let slots = slots["data"].as_array().unwrap().iter();
    slots
        .map(|slot| (slot["datum"].clone(), slot["zeit"].clone()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_get_two_hundred_slots_or_are_told_that_none_is_left() {
    let world = three_weeks().await;
    let services = [world.start().await, world.start().await];
    let client = &services[0].client;
    one_hour_a_week(&world, client, 7).await;
    let free = free_slots(client, 7).await;
    assert!(!free.is_empty() && free.len() < 200, "{}", free.len());
    let mut bookings = JoinSet::new();
    for number in 0..200 {
        let client = services[number % 2].client.clone();
        let body = json!({"therapist_id": 7});
        bookings.spawn(async move { client.post("/api/phone-calls", &body).await });
    }
    let mut slots = BTreeSet::new();
    let mut refused = 0;
    for answer in bookings.join_all().await {
        match answer.status {
            201 => {
                let slot = [
                    &answer.body["geplantes_datum"],
                    &answer.body["geplante_zeit"],
                ];
                assert!(slots.insert(slot.map(ToString::to_string)), "{slot:?}");
            }
            _ => {
                let answer = answer.expect(400);
                let message = "No available slots found for this therapist";
                assert_eq!(answer.message(), message);
                assert_eq!(answer.body["grund"], "belegt");
                refused += 1;
            }
        }
    }
    assert_eq!((slots.len(), refused), (free.len(), 200 - free.len()));
    assert_eq!(world.number(OVERLAPS).await, 0);
    assert_eq!(free_slots(client, 7).await, []);
}

/// What all clients know together.
struct Office {
    clients: [Client; 2],
    slots: Vec<(Value, Value)>,
    calls: Mutex<Vec<i64>>,
}

impl Office {
    fn any_call(&self, choice: &mut Seeded) -> Option<i64> {
        let calls = self.calls.lock().unwrap();
        let last = u64::try_from(calls.len().checked_sub(1)?).unwrap();
        calls
            .get(usize::try_from(choice.between(0, last)).unwrap())
            .copied()
    }

    fn any_slot(&self, choice: &mut Seeded) -> (Value, Value) {
        let last = u64::try_from(self.slots.len() - 1).unwrap();
        self.slots[usize::try_from(choice.between(0, last)).unwrap()].clone()
    }

    /// One attempt, half of them bookings, the rest moves and cancellations.
    async fn attempt(&self, choice: &mut Seeded) -> Answer {
        let client = &self.clients[usize::try_from(choice.between(0, 1)).unwrap()];
        let therapist = choice.between(1, THERAPISTS);
        let (datum, zeit) = self.any_slot(choice);
        let kind = choice.between(0, 9);
        let call = self.any_call(choice).filter(|_| kind > 4);
        let Some(call) = call else {
            let body = match kind {
                0 | 1 => json!({"therapist_id": therapist}),
                _ => {
                    json!({"therapist_id": therapist, "geplantes_datum": datum, "geplante_zeit": zeit})
                }
            };
            let answer = client.post("/api/phone-calls", &body).await;
            if let Some(id) = answer.body["id"].as_i64().filter(|_| answer.status == 201) {
                self.calls.lock().unwrap().push(id);
            }
            return answer;
        };
        let path = format!("/api/phone-calls/{call}");
        match kind {
            5..=7 => {
                let body = json!({"geplantes_datum": datum, "geplante_zeit": zeit});
                client.put(&path, &body).await
            }
            8 => client.put(&path, &json!({"status": "abgebrochen"})).await,
            _ => client.delete(&path).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_bookings_moves_and_cancellations_leave_no_overlap() {
    let seed = Seeded::new();
    let world = three_weeks().await;
    let services = [world.start().await, world.start().await];
    let clients = [services[0].client.clone(), services[1].client.clone()];
    let mut idle = Vec::new();
    for number in 0..IDLE {
        let port = clients[number % 2].port();
        idle.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    for therapist in 1..=THERAPISTS {
        one_hour_a_week(&world, &clients[0], therapist).await;
    }
    let office = Arc::new(Office {
        slots: free_slots(&clients[0], 1).await,
        clients,
        calls: Mutex::default(),
    });
    let mut working = JoinSet::new();
    for number in 0..CLIENTS {
        let office = Arc::clone(&office);
        let mut choice = seed.clone();
        for _ in 0..number {
            choice.between(0, 1);
        }
        let mut choice = Seeded::of(choice.between(0, u64::MAX - 1));
        let attempts = (number..ATTEMPTS).step_by(usize::try_from(CLIENTS).unwrap());
        working.spawn(async move {
            let mut statuses = Vec::new();
            for _ in attempts {
                statuses.push(office.attempt(&mut choice).await.status);
            }
            statuses
        });
    }
    let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
    for status in working.join_all().await.into_iter().flatten() {
        *counts.entry(status).or_default() += 1;
    }
    let all: u64 = counts.values().sum();
    let known = [200, 201, 400, 404, 409];
    let other = counts.keys().find(|status| !known.contains(status));
    assert_eq!((all, other), (ATTEMPTS, None), "{counts:?}");
    let conflicts = [400, 409].map(|status| counts.get(&status).copied().unwrap_or(0));
    let conflicts: u64 = conflicts.iter().sum();
    assert!(conflicts * 10 >= all * 3, "too few conflicts: {counts:?}");
    assert_eq!(world.number(OVERLAPS).await, 0);
    let open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()";
    assert_eq!(world.number(open).await, 0);
    for service in services {
        assert!(!service.log().contains("deadlock"), "a deadlock");
    }
}
