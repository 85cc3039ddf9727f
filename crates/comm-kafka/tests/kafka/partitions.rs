//! Several partitions: what blocks one, and what happens when they change hands.

use crate::support::PATIENCE;
use crate::world::{World, away, waiting};
use comm_domain::outreach::EmailId;
use comm_kafka::KafkaHealth;
use comm_ports::{ConsumerFigures, ConsumerHealth};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Far more than may wait in a lane, so that the partition is paused and resumed.
const MANY: i64 = 350;

async fn figures(world: &World) -> ConsumerFigures {
    let health = KafkaHealth::new(&world.config, &world.topic);
    health.figures().await.unwrap()
}

/// Waits until the broker knows that everything was dealt with.
async fn caught_up(world: &World) -> ConsumerFigures {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let figures = figures(world).await;
        if figures.lag() == Some(0) {
            return figures;
        }
        assert!(Instant::now() < deadline, "{figures:?}");
        sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_has_to_wait_blocks_only_its_own_partition() {
    let world = World::with_partitions(2).await;
    for id in 0..MANY {
        world.ask_on(0, id).await;
        world.put(0, br#"{"eventType": "email.sent"}"#, &[]).await;
    }
    for id in 1000..1000 + MANY {
        world.ask_on(1, id).await;
    }
    let open = Arc::new(AtomicBool::new(false));
    let gate = open.clone();
    let mut running = world.consume(move |id, nth| {
        if id.0 == 0 && !gate.load(Ordering::SeqCst) {
            return away(id, nth);
        }
        waiting(id, nth)
    });
    let mut others = Vec::new();
    while others.len() < usize::try_from(MANY).unwrap() {
        others.extend(Some(running.next().await).filter(|id| *id != 0));
    }
    assert!(others.iter().copied().eq(1000..1000 + MANY), "{others:?}");
    let behind = figures(&world).await.partitions;
    assert_eq!(behind[0].lag, 2 * MANY, "no offset of it is stored");

    open.store(true, Ordering::SeqCst);
    let mut order = vec![0];
    while order.len() < usize::try_from(MANY).unwrap() {
        order.push(running.next().await);
        // However often the first was tried in vain.
        order.dedup();
    }
    assert!(order.iter().copied().eq(0..MANY), "{order:?}");
    let figures = caught_up(&world).await;
    assert_eq!(figures.partitions.len(), 2);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_come_and_go_lose_and_double_nothing() {
    let world = World::with_partitions(4).await;
    let (tried, done) = (Arc::new(Mutex::new(BTreeSet::new())), Arc::default());
    let effects: Arc<Mutex<Vec<i64>>> = Arc::clone(&done);
    // Every third is away at first, so that lanes are full when partitions change hands.
    let answer = move |id: EmailId, nth| {
        if id.0 % 3 == 0 && tried.lock().unwrap().insert(id.0) {
            return away(id, nth);
        }
        effects.lock().unwrap().push(id.0);
        waiting(id, nth)
    };
    let mut asked = 0;
    let mut ask = async |count: i64| {
        for id in asked..asked + count {
            world.ask_on(i32::try_from(id % 4).unwrap(), id).await;
        }
        asked += count;
        asked
    };
    ask(50).await;
    let mut first = world.consume(answer.clone());
    first.next().await;
    // A second member comes while the first is at work ...
    let mut second = world.consume(answer);
    let deadline = Instant::now() + PATIENCE;
    while timeout(Duration::from_millis(100), second.next())
        .await
        .is_err()
    {
        assert!(Instant::now() < deadline);
        ask(4).await;
    }
    // ... and the first goes.
    ask(50).await;
    first.stop().await;
    let all = ask(50).await;
    let figures = caught_up(&world).await;
    second.stop().await;
    let mut done = done.lock().unwrap().clone();
    done.sort_unstable();
    assert!(done.iter().copied().eq(0..all), "{all}: {done:?}");
    assert_eq!((figures.partitions.len(), figures.dead_letters), (4, 0));
}

/// Who was asked for which email, in this order.
type Book = Arc<Mutex<Vec<(&'static str, i64)>>>;

/// How often the book has this entry from its nth on.
fn entries(book: &Book, from: usize, entry: (&str, i64)) -> usize {
    let book = book.lock().unwrap();
    book.iter().skip(from).filter(|e| **e == entry).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_of_a_revoked_partition_stops_at_once() {
    let world = World::with_partitions(2).await;
    let (book, open) = (Book::default(), Arc::new(AtomicBool::new(false)));
    let member = |name: &'static str| {
        let (book, gate) = (Arc::clone(&book), Arc::clone(&open));
        move |id: EmailId, nth| {
            book.lock().unwrap().push((name, id.0));
            // The database is away until the test says otherwise.
            match gate.load(Ordering::SeqCst) {
                true => waiting(id, nth),
                false => away(id, nth),
            }
        }
    };
    // More messages wait behind the one that each worker tries again and again.
    for (partition, ids) in [(0, [10, 11, 12]), (1, [20, 21, 22])] {
        for id in ids {
            world.ask_on(partition, id).await;
        }
    }
    let mut first = world.consume(member("first"));
    let tried = BTreeSet::from([first.next().await, first.next().await]);
    assert_eq!(tried, BTreeSet::from([10, 20]), "it works at both");

    // Whatever the second is asked for is on the partition that the first has lost.
    let mut second = world.consume(member("second"));
    let lost = second.next().await;
    let kept = if lost == 10 { 20 } else { 10 };
    let since = book.lock().unwrap().iter().position(|e| e.0 == "second");
    let since = since.unwrap();
    // By then a worker of the lost partition would have tried again, too: its pause was no longer.
    while entries(&book, since, ("first", kept)) < 7 {
        first.next().await;
    }
    let behind: Vec<_> = figures(&world).await.partitions;
    assert!(behind.iter().all(|p| p.lag == 3), "{behind:?}");
    open.store(true, Ordering::SeqCst);
    caught_up(&world).await;
    first.stop().await;
    second.stop().await;
    for id in lost..lost + 3 {
        assert_eq!(entries(&book, since, ("first", id)), 0, "{id}: {book:?}");
        assert!(entries(&book, since, ("second", id)) > 0, "{id}: {book:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_are_the_brokers_whoever_asks() {
    let world = World::with_partitions(2).await;
    world.ask_on(0, 1).await;
    world.ask_on(1, 2).await;
    world.say("Anna Muster").await;
    let fresh = figures(&world).await;
    let lag: Vec<_> = fresh
        .partitions
        .iter()
        .map(|p| (p.partition, p.lag))
        .collect();
    assert_eq!((lag, fresh.lag()), (vec![(0, 2), (1, 1)], Some(3)));
    assert_eq!(fresh.dead_letters, 0, "there is no such topic yet");
    let mut running = world.consume(waiting);
    running.next().await;
    running.next().await;
    world.dead_letters(1).await;
    let figures = caught_up(&world).await;
    assert_eq!(figures.dead_letters, 1);
    running.stop().await;
    let away = comm_kafka::KafkaConfig {
        bootstrap_servers: "127.0.0.1:1".to_owned(),
        ..world.config.clone()
    };
    let nobody = KafkaHealth::new(&away, &world.topic).figures().await;
    assert!(nobody.is_err());
}
