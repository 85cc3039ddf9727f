//! Two instances follow up silence again and again while mails are sent, queued, answered and deleted, and calls are
//! booked, made and deleted, on three days weeks apart: what a plain model predicts is what became of every email.

mod books;
mod clerk;
mod model;

use crate::followups::{impatient, run, start_ahead, until_mid_morning};
use crate::ledger::settled;
use books::Books;
use clerk::{Clerk, HORIZON, Office};
use comm_devkit::smtp::SmtpOptions;
use comm_tests::{Answer, Seeded, Service, World, eventually};
use model::{Deed, Span};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

const STEPS: u64 = 10_000;
const CLERKS: u64 = 24;
const THERAPISTS: u64 = 240;
/// The second is past the 7 days of the first, and the third is past the 4 weeks of both.
const DAYS: [i64; 3] = [0, 8, 38];
const DAY_SECONDS: i64 = 24 * 60 * 60;
const PAUSE: Duration = Duration::from_millis(250);

/// What must have happened so often at least, so that the test has seen anything.
const AT_LEAST: &[(&str, u64)] = &[
    ("sent by hand", 1000),
    ("queued", 100),
    ("one of two queued", 40),
    ("queueing refused", 500),
    ("answered", 500),
    ("refused by mail", 100),
    ("refused by phone", 20),
    ("answer taken back", 100),
    ("switched off", 200),
    ("sent mail deleted", 200),
    ("spoken to", 100),
    ("nobody reached", 100),
    ("booked", 200),
    ("booking refused", 20),
    ("call deleted", 200),
    ("call called off", 100),
    ("runs", 15),
    ("runs beside another", 5),
    ("calls planned by runs", 500),
    ("mails that joined a call", 200),
    ("mails left for a refusal", 50),
    ("calls without a mail cancelled", 50),
    ("decisions beside a change", 10),
];

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_steps_beside_the_runs_of_two_instances_end_as_the_model_says() {
    let mut seed = Seeded::new();
    let world = World::without_kafka().await.mailing_to(SmtpOptions::sink());
    let world = impatient(world.await)
        .set("COMM__CONTACT_RULES__CLIENTS__WOCHENFRIST", "enforce")
        .set("COMM__CONTACT_RULES__CLIENTS__SPERRFRIST", "enforce")
        .set("COMM__CALLS__HORIZON_DAYS", &HORIZON.to_string());
    let first = until_mid_morning(&world).await;
    let mut books = Books::of(CLERKS, THERAPISTS);
    for days in DAYS {
        round(&world, &mut seed, &mut books, first + days * DAY_SECONDS).await;
        books.assert_nothing_broken(&world).await;
    }
    books.assert_as_predicted(&world).await;
    let did = books.did(&world).await;
    println!("{did:#?}");
    for (what, least) in AT_LEAST {
        let count = did.get(what).copied().unwrap_or(0);
        assert!(count >= *least, "{what}: {count}, not {least}");
    }
}

/// A day at the office, from the start of both instances to a last run when everybody has gone.
async fn round(world: &World, seed: &mut Seeded, books: &mut Books, ahead: i64) {
    let mut office = Office::at(world, ahead).await;
    let begun = office.now();
    let services = [
        start_ahead(world, ahead, &[]).await,
        start_ahead(world, ahead, &[]).await,
    ];
    office.clients = [&services[0], &services[1]].map(|service| service.client.clone());
    let office = Arc::new(office);
    until_the_daily_work_is_done(world, &office).await;
    let opening = Span {
        from: begun,
        to: office.now(),
    };
    books.runs.push(opening);
    for person in books.therapists.iter_mut().flatten() {
        person.note(opening, Deed::Day(office.today));
    }

    let mut clerks = JoinSet::new();
    for therapists in std::mem::take(&mut books.therapists) {
        let choice = Seeded::of(seed.between(0, u64::MAX - 1));
        let mut clerk = Clerk::new(&office, choice, therapists);
        let steps = STEPS.div_ceil(CLERKS * DAYS.len() as u64);
        clerks.spawn(async move {
            clerk.work(steps).await;
            clerk
        });
    }
    let closed = Arc::new(AtomicBool::new(false));
    let racing = tokio::spawn(race(Arc::clone(&office), Arc::clone(&closed)));
    let clerks = clerks.join_all().await;
    closed.store(true, Ordering::SeqCst);
    books.take_over(clerks, racing.await.unwrap());
    last_run(&office, books).await;
    for service in services {
        assert_went_well(&service);
        assert!(service.stop().await.0.unwrap().success());
    }
}

async fn until_the_daily_work_is_done(world: &World, office: &Office) {
    let day = format!(
        "SELECT count(*) FROM communication_service.tageslauf WHERE tag = '{}'",
        office.date
    );
    eventually("the daily work is done", || async {
        (world.number(&day).await == 1).then_some(())
    })
    .await;
}

/// Both instances run at the same moment, again and again until everybody has gone.
async fn race(office: Arc<Office>, closed: Arc<AtomicBool>) -> Vec<(Span, Answer)> {
    let mut runs = Vec::new();
    while !closed.load(Ordering::SeqCst) {
        let [one, other] = &office.clients;
        let (one, other) = tokio::join!(office.timed(run(one)), office.timed(run(other)));
        runs.extend([one, other]);
        tokio::time::sleep(PAUSE).await;
    }
    runs
}

/// Everything that waits is sent, and then followed up.
async fn last_run(office: &Office, books: &mut Books) {
    let client = &office.clients[0];
    settled(client).await;
    let seen = office.moment();
    for person in books.therapists.iter_mut().flatten() {
        let waiting: Vec<i64> = person.waiting().collect();
        for mail in waiting {
            person.note(seen, Deed::SeenSent(mail));
        }
    }
    let (span, answer) = office.timed(run(client)).await;
    assert_eq!(answer.status, 200, "nobody else runs any more");
    books.count_run(span, &answer);
}

fn assert_went_well(service: &Service) {
    let log = service.log();
    for trouble in ["deadlock", "cannot be followed up", "ERROR"] {
        let line = log.lines().find(|line| line.contains(trouble));
        assert_eq!(line, None);
    }
}
