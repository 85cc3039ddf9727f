//! Many people at a time, for lists that must not wait.

use super::*;

const OLD: Duration = Duration::from_secs(3600);

fn ids(count: i64) -> Vec<i64> {
    (1..=count).collect()
}

/// Until everything in the background has ended.
async fn all_quiet() {
    sleep(Duration::from_secs(200)).await;
}

#[tokio::test(start_paused = true)]
async fn copies_are_read_at_once_and_nobody_waits_for_old_ones() {
    let (world, verzeichnis) = World::new();
    for id in ids(500) {
        world.has_copy(Empfaenger::Therapeut(id), Duration::ZERO);
        world.has_copy(Empfaenger::Patient(id), OLD);
    }
    world.are(Mood::Hanging);
    let begun = Instant::now();
    let bekannte = verzeichnis.bekannte(&ids(500), &ids(500)).await;
    assert_eq!((world.reads(), begun.elapsed()), (1, Duration::ZERO));
    let (therapists, patients) = (bekannte.therapeuten, bekannte.patienten);
    assert_eq!((therapists.len(), patients.len()), (500, 500));
    assert_eq!(therapists[&500].person.name, therapist(500, 0).name);
    assert_eq!(therapists[&500].stand, Stand::Frisch);
    assert_eq!(patients[&500].stand, copy_from(OLD));
}

#[tokio::test(start_paused = true)]
async fn what_is_old_is_fresh_the_next_time_asked_for_eight_at_a_time() {
    let (world, verzeichnis) = World::new();
    for id in ids(100) {
        world.has_copy(Empfaenger::Therapeut(id), OLD);
    }
    verzeichnis.bekannte(&ids(100), &[]).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!((world.asked().len(), world.most_under_way()), (100, 8));
    let bekannte = verzeichnis.bekannte(&ids(100), &[]).await;
    let mut all = bekannte.therapeuten.values();
    assert!(all.all(|eintrag| eintrag.stand == Stand::Frisch));
    assert_eq!(world.asked().len(), 100);
}

#[tokio::test(start_paused = true)]
async fn those_without_a_copy_are_waited_for_a_moment() {
    let (world, verzeichnis) = World::new();
    let begun = Instant::now();
    let bekannte = verzeichnis.bekannte(&[1, 2, 2, 1000], &[3]).await;
    assert_eq!(begun.elapsed(), Duration::from_millis(20));
    assert_eq!(bekannte.therapeuten[&2].person.name, therapist(2, 1).name);
    let known = (bekannte.therapeuten.len(), bekannte.patienten.len());
    assert_eq!(known, (2, 1));

    // 8 every 99 ms: 24 in time, the others next time.
    world.are(Mood::Slow(Duration::from_millis(99)));
    let begun = Instant::now();
    let many = ids(40).split_off(3);
    let bekannte = verzeichnis.bekannte(&many, &[]).await;
    let waited = begun.elapsed().as_millis();
    assert_eq!((bekannte.therapeuten.len(), waited), (24, 300));
    all_quiet().await;
    let bekannte = verzeichnis.bekannte(&many, &[]).await;
    assert_eq!(bekannte.therapeuten.len(), 37);
}

#[tokio::test(start_paused = true)]
async fn two_lists_at_the_same_time_wait_for_the_same_answers() {
    let (world, verzeichnis) = World::new();
    let people = ids(16);
    let list = || verzeichnis.bekannte(&people, &[]);
    let (one, other) = tokio::join!(list(), list());
    assert_eq!((one.therapeuten.len(), other.therapeuten.len()), (16, 16));
    assert_eq!(world.asked().len(), 16);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_about_in_vain_again_and_again() {
    for (mood, id) in [(Mood::Unavailable, 7), (Mood::Well, 1000)] {
        let (world, verzeichnis) = World::new();
        world.are(mood);
        verzeichnis.bekannte(&[id], &[]).await;
        let begun = Instant::now();
        verzeichnis.bekannte(&[id], &[]).await;
        assert_eq!(begun.elapsed(), Duration::ZERO, "{mood:?}");
        assert_eq!(world.asked().len(), 1, "{mood:?}");
        tokio::time::advance(IN_VAIN).await;
        verzeichnis.bekannte(&[id], &[]).await;
        assert_eq!(world.asked().len(), 2, "{mood:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_of_a_thousand_keeps_no_single_question_waiting() {
    let (world, verzeichnis) = World::new();
    world.are(Mood::Hanging);
    let begun = Instant::now();
    let bekannte = verzeichnis.bekannte(&ids(999), &[]).await;
    assert_eq!(bekannte, Bekannte::default());
    assert_eq!(begun.elapsed(), Duration::from_millis(300));
    world.are(Mood::Well);
    let free = ids(999).into_iter().find(|id| {
        let wer = Empfaenger::Therapeut(*id);
        !world.asked().contains(&wer)
    });
    let free = free.unwrap();
    let begun = Instant::now();
    let answered = verzeichnis.therapeut(free).await;
    assert_eq!(answered, fresh(therapist(free, 1)));
    assert_eq!(begun.elapsed(), Duration::from_millis(20));
}

#[tokio::test(start_paused = true)]
async fn without_the_database_a_list_asks_nobody() {
    let (world, verzeichnis) = World::new();
    world.database_goes();
    let bekannte = verzeichnis.bekannte(&ids(9), &[]).await;
    assert_eq!(bekannte, Bekannte::default());
    all_quiet().await;
    assert_eq!(world.asked(), []);
}
