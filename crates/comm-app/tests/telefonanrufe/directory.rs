use crate::support::{Office, day, request, time};
use comm_app::OutreachError;
use comm_app::outreach::telefonanrufe::CreateTelefonanruf;
use comm_domain::outreach::Angabe;
use comm_ports::testing::MockTherapistDirectory;
use comm_ports::{DirectoryError, Therapeut};

fn office(
    answer: impl Fn() -> Result<Option<Therapeut>, DirectoryError> + Send + Sync + 'static,
) -> Office {
    let mut directory = MockTherapistDirectory::new();
    directory.expect_therapist().returning(move |_| answer());
    Office {
        directory: Some(directory),
        ..Office::default()
    }
}

fn hours(windows: &[&str]) -> Therapeut {
    let windows = windows.iter().map(|window| Angabe::from(*window)).collect();
    Therapeut {
        erreichbarkeit: Angabe::Object(vec![("Di".to_owned(), Angabe::List(windows))]),
        ..Therapeut::default()
    }
}

fn away() -> Result<Option<Therapeut>, DirectoryError> {
    Err(DirectoryError::Unavailable("it hangs".into()))
}

#[tokio::test]
async fn the_directorys_hours_hold_and_their_mistakes_are_told() {
    let office = office(|| Ok(Some(hours(&["11:00-11:30", "25:00-26:00"]))));
    let shown = office.open().create(request()).await.unwrap();
    let tuesday = day(3, 2).and_time(time(11, 0));
    assert_eq!(shown.anruf.termin.beginn(), tuesday);
    let told = shown.hinweise[0].as_str();
    assert!(told.contains("25:00"), "{told}");
}

#[tokio::test]
async fn a_therapist_whom_the_directory_does_not_know_is_refused() {
    let error = office(|| Ok(None))
        .open()
        .create(request())
        .await
        .unwrap_err();
    assert!(matches!(error, OutreachError::TherapistNotFound), "{error}");
    assert_eq!(error.to_string(), "Therapist not found");
}

#[tokio::test]
async fn without_a_directory_an_explicit_time_is_booked_and_no_other() {
    let error = office(away).open().create(request()).await.unwrap_err();
    assert!(matches!(error, OutreachError::DirectoryAway), "{error}");
    assert!(error.is_transient());
    let explicit = CreateTelefonanruf {
        geplantes_datum: Some(day(2, 2)),
        geplante_zeit: Some(time(20, 0)),
        ..request()
    };
    let shown = office(away).open().create(explicit).await.unwrap();
    // That 20:00 is outside of the hours cannot be told, since nobody knows them.
    assert_eq!(shown.hinweise.len(), 1);
    let told = shown.hinweise[0].as_str();
    assert!(told.contains("Verzeichnis"), "{told}");
}

#[tokio::test]
async fn hours_by_hand_win_and_need_no_directory() {
    let mut office = office(away);
    let stated = hours(&["12:00-12:30"]).erreichbarkeit;
    let by_hand = comm_domain::outreach::Erreichbarkeit::parse(&stated).unwrap();
    office.belegung.erreichbarkeit = Some(by_hand);
    let call = office.open().create(request()).await.unwrap().anruf;
    assert_eq!(call.termin.beginn(), day(3, 2).and_time(time(12, 0)));
}
