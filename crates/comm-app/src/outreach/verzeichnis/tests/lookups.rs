//! One person: when a copy counts, when the service is asked, and what is kept of the answer.

use super::*;
use comm_ports::testing::MockDirectoryCopies;

const SEVEN: Empfaenger = Empfaenger::Therapeut(7);
const FRESH: Duration = Duration::from_secs(300);
const MOMENT: Duration = Duration::from_secs(1);

#[tokio::test]
async fn without_a_directory_nobody_can_say_and_nothing_is_looked_for() {
    // It refuses every call.
    let copies = Arc::new(MockDirectoryCopies::new());
    let nobody = Verzeichnis::new(Directories::none(copies));
    assert_eq!(nobody.therapeut(7).await, Auskunft::NichtEingerichtet);
    assert_eq!(nobody.patient(7).await, Auskunft::NichtEingerichtet);
    assert_eq!(nobody.bekannte(&[7], &[7]).await, Bekannte::default());
    nobody.refresh(SEVEN).await;
}

#[tokio::test(start_paused = true)]
async fn one_service_may_be_there_without_the_other() {
    let world = Arc::new(World::default());
    let verzeichnis = Verzeichnis::new(Directories {
        patients: Some(world.clone()),
        ..Directories::none(world.clone())
    });
    assert_eq!(verzeichnis.therapeut(7).await, Auskunft::NichtEingerichtet);
    let patient = verzeichnis.patient(7).await;
    assert!(matches!(patient, Auskunft::Bekannt { .. }));
    assert_eq!(world.asked(), [Empfaenger::Patient(7)]);
    let bekannte = verzeichnis.bekannte(&[7], &[7]).await;
    assert_eq!(
        (bekannte.therapeuten.len(), bekannte.patienten.len()),
        (0, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_young_copy_is_as_good_as_asking() {
    let (world, verzeichnis) = World::new();
    world.has_copy(SEVEN, FRESH - MOMENT);
    assert_eq!(verzeichnis.therapeut(7).await, fresh(therapist(7, 0)));
    assert_eq!(world.asked(), []);
    tokio::time::advance(MOMENT).await;
    assert_eq!(verzeichnis.therapeut(7).await, fresh(therapist(7, 1)));
    assert_eq!(world.asked(), [SEVEN]);
    let kept = verzeichnis.therapeut(7).await;
    assert_eq!(kept, fresh(therapist(7, 1)));
    assert_eq!(world.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_always_wants_to_ask_does() {
    let settings = VerzeichnisSettings {
        copy_fresh: Duration::ZERO,
        ..VerzeichnisSettings::default()
    };
    let (world, verzeichnis) = World::with(settings);
    for nth in 1..=3 {
        assert_eq!(verzeichnis.therapeut(7).await, fresh(therapist(7, nth)));
    }
    assert_eq!(world.asked().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_age_of_a_copy_is_counted_from_the_question() {
    let (world, verzeichnis) = World::new();
    world.are(Mood::Slow(Duration::from_millis(1500)));
    verzeichnis.therapeut(7).await;
    let (_, asked_at) = world.copy_of(SEVEN).unwrap();
    assert_eq!(asked_at.elapsed(), Duration::from_millis(1500));
}

#[tokio::test(start_paused = true)]
async fn a_person_who_is_gone_is_unknown_and_the_copy_forgotten() {
    let (world, verzeichnis) = World::new();
    let gone = Empfaenger::Therapeut(1000);
    world.has_copy(gone, FRESH);
    assert_eq!(verzeichnis.therapeut(1000).await, Auskunft::Unbekannt);
    assert!(world.copy_of(gone).is_none());
    world.are(Mood::Unavailable);
    assert_eq!(verzeichnis.therapeut(1000).await, Auskunft::NichtErreichbar);
}

#[tokio::test(start_paused = true)]
async fn those_who_ask_the_same_at_the_same_time_share_one_request() {
    let (world, verzeichnis) = World::new();
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let verzeichnis = verzeichnis.clone();
        asking.spawn(async move { verzeichnis.therapeut(7).await });
    }
    // Another person, though of the same id.
    let patient = verzeichnis.patient(7);
    let (answers, patient) = tokio::join!(asking.join_all(), patient);
    let expected = fresh(therapist(7, 1));
    assert!(answers.iter().all(|answer| *answer == expected));
    assert!(matches!(patient, Auskunft::Bekannt { .. }));
    let mut asked = world.asked();
    asked.sort_by_key(|wer| wer.patient_id());
    assert_eq!(asked, [SEVEN, Empfaenger::Patient(7)]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_although_whoever_asked_has_left() {
    let (world, verzeichnis) = World::new();
    let left = tokio::time::timeout(Duration::from_millis(1), verzeichnis.therapeut(7)).await;
    assert!(left.is_err());
    sleep(MOMENT).await;
    assert!(world.copy_of(SEVEN).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_refresh_asks_however_young_the_copy_is() {
    let (world, verzeichnis) = World::new();
    world.has_copy(SEVEN, Duration::ZERO);
    verzeichnis.refresh(SEVEN).await;
    assert_eq!(world.asked(), [SEVEN]);
    assert_eq!(verzeichnis.therapeut(7).await, fresh(therapist(7, 1)));
    world.are(Mood::Unavailable);
    verzeichnis.refresh(SEVEN).await;
    let as_it_was = verzeichnis.therapeut(7).await;
    assert_eq!(as_it_was, fresh(therapist(7, 1)));
}
