//! A service that is away, a database that is away, and both.

use super::*;

const SEVEN: Empfaenger = Empfaenger::Therapeut(7);
const OLD: Duration = Duration::from_secs(3 * 3600);

#[tokio::test(start_paused = true)]
async fn a_service_that_fails_leaves_the_copy_with_its_time_or_nothing() {
    for mood in [
        Mood::Unavailable,
        Mood::Refusing,
        Mood::Hanging,
        Mood::Panicking,
    ] {
        let (world, verzeichnis) = World::new();
        world.are(mood);
        let nobody = verzeichnis.therapeut(7).await;
        assert_eq!(nobody, Auskunft::NichtErreichbar, "{mood:?}");
        let nobody = verzeichnis.patient(7).await;
        assert_eq!(nobody, Auskunft::NichtErreichbar, "{mood:?}");
        world.has_copy(SEVEN, OLD);
        let begun = Instant::now();
        let Auskunft::Bekannt { person, stand } = verzeichnis.therapeut(7).await else {
            unreachable!("{mood:?}: there is a copy");
        };
        assert_eq!(person.name, therapist(7, 0).name, "{mood:?}");
        assert_eq!(stand, copy_from(OLD), "{mood:?}");
        assert!(begun.elapsed() <= Duration::from_secs(2), "{mood:?}");
        assert!(world.copy_of(SEVEN).is_some(), "{mood:?}: not lost");
        world.are(Mood::Well);
        let back = verzeichnis.therapeut(7).await;
        let is_fresh = matches!(back, Auskunft::Bekannt { stand, .. } if stand == Stand::Frisch);
        assert!(is_fresh, "{mood:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_database_the_services_are_asked_all_the_same() {
    let (world, verzeichnis) = World::new();
    world.has_copy(SEVEN, Duration::ZERO);
    world.database_goes();
    assert_eq!(verzeichnis.therapeut(7).await, fresh(therapist(7, 1)));
    assert_eq!(verzeichnis.therapeut(1000).await, Auskunft::Unbekannt);
    world.are(Mood::Unavailable);
    assert_eq!(verzeichnis.therapeut(7).await, Auskunft::NichtErreichbar);
    world.database_returns();
    assert_eq!(verzeichnis.therapeut(7).await, fresh(therapist(7, 0)));
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_for_a_service_that_hangs_are_told_at_the_same_time() {
    let (world, verzeichnis) = World::new();
    world.are(Mood::Hanging);
    let begun = Instant::now();
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let verzeichnis = verzeichnis.clone();
        asking.spawn(async move { verzeichnis.therapeut(7).await });
    }
    let answers = asking.join_all().await;
    let all = answers
        .iter()
        .all(|answer| *answer == Auskunft::NichtErreichbar);
    assert!(all);
    assert_eq!(world.asked().len(), 1);
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
}
