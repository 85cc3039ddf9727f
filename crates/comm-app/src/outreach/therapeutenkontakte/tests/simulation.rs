//! Other rules on another day.

use super::*;
use comm_domain::outreach::{
    Durchsetzung::{self, Enforce, Off, Warn},
    EmailId, Grund, Kontakterlaubnis, TelefonanrufId,
};
use comm_ports::outreach::{Anstehendes, Counting, VerfolgbareEmail};
use comm_ports::page::PageRequest;

/// Of whom nothing is under way.
fn idle(lagen: Vec<Therapeutenlage>) -> MockKontaktberichte {
    let mut reads = MockKontaktberichte::new();
    let all = move || Ok(lagen.clone());
    reads.expect_alle_therapeuten().returning(all);
    reads
        .expect_anstehendes()
        .returning(|_, _, _| Ok(Vec::new()));
    reads
}

async fn simulate(reads: MockKontaktberichte, request: SimulationRequest) -> Simulation {
    let (page, counting) = (PageRequest::default(), Counting::Capped);
    let kontakte = reading(reads);
    let simulation = kontakte.simulate(request, &page, counting);
    simulation.await.unwrap()
}

fn ids(simulation: &Simulation) -> Vec<i64> {
    let rows = simulation.therapeuten.rows.iter();
    rows.map(|row| row.therapist_id).collect()
}

fn week(wochenfrist: Durchsetzung) -> SimulationRequest {
    SimulationRequest {
        wochenfrist: Some(wochenfrist),
        ..SimulationRequest::default()
    }
}

#[tokio::test]
async fn rules_that_are_not_named_are_those_of_the_service() {
    let simulation = simulate(idle(vec![mailed(4, Some("2026-01-30"))]), week(Warn)).await;
    assert_eq!(simulation.am, day("2026-01-31"));
    let expected = Kontaktregeln {
        wochenfrist: Warn,
        ..Kontaktregeln::SERVICE
    };
    assert_eq!(simulation.regeln, expected);
    let [row] = simulation.therapeuten.rows.as_slice() else {
        panic!("{simulation:?}");
    };
    assert!(matches!(row.mail, Kontakterlaubnis::Gewarnt(no) if no.grund == Grund::Wochenfrist));
    assert_eq!(row.anruf, Kontakterlaubnis::Erlaubt);
    assert_eq!((simulation.mail.moeglich, simulation.mail.gewarnt), (1, 1));
    let off = simulate(idle(vec![mailed(4, Some("2026-01-30"))]), week(Off)).await;
    assert_eq!(off.therapeuten.rows[0].mail, Kontakterlaubnis::Erlaubt);
    assert_eq!((off.mail.moeglich, off.mail.gewarnt), (1, 0));
}

#[tokio::test]
async fn all_are_counted_by_way_and_rule_also_those_of_other_pages() {
    let mut refused = mailed(5, None);
    refused.kontakt.abgelehnt_per_mail = Some(noon("2026-01-20"));
    let mut blocked = available(mailed(6, Some("2026-01-30")));
    blocked.kontakt.sperre = Some(comm_domain::outreach::Kontaktsperre::Unbefristet);
    let lagen = vec![
        mailed(3, None),
        mailed(4, Some("2026-01-30")),
        refused,
        blocked,
    ];
    let page = PageRequest::numbered(1, 2);
    let reads = reading(idle(lagen));
    let request = SimulationRequest::default();
    let simulation = reads.simulate(request, &page, Counting::Capped);
    let simulation = simulation.await.unwrap();
    assert_eq!(ids(&simulation), [6, 3]);
    assert_eq!(simulation.therapeuten.total.unwrap().count, 4);
    assert!(simulation.therapeuten.next.is_some());
    let mail = Wegbilanz {
        moeglich: 1,
        gewarnt: 0,
        wochenfrist: 1,
        sperrfrist: 1,
        gesperrt: 1,
    };
    assert_eq!(simulation.mail, mail);
    let anruf = Wegbilanz {
        moeglich: 2,
        wochenfrist: 0,
        ..mail
    };
    assert_eq!(simulation.anruf, anruf);
}

#[tokio::test]
async fn therapists_who_are_named_are_looked_at_once_each() {
    let mut reads = MockKontaktberichte::new();
    reads
        .expect_therapeuten()
        .times(1)
        .withf(|ids| ids == [4, 9])
        .returning(|ids| Ok(ids.iter().map(|id| mailed(*id, None)).collect()));
    reads
        .expect_anstehendes()
        .returning(|_, _, _| Ok(Vec::new()));
    let request = SimulationRequest {
        therapist_ids: Some(vec![9, 4, 0, 9]),
        ..week(Enforce)
    };
    assert_eq!(ids(&simulate(reads, request).await), [4, 9]);
}

#[tokio::test]
async fn what_cannot_be_simulated_is_named() {
    let past = SimulationRequest {
        am: Some(day("2026-01-30")),
        ..SimulationRequest::default()
    };
    let named = |ids: Vec<i64>| SimulationRequest {
        therapist_ids: Some(ids),
        ..SimulationRequest::default()
    };
    for (request, message) in [
        (past, "am must not lie in the past"),
        (
            named(vec![7; 1001]),
            "therapist_ids must have at most 1000 ids",
        ),
        (
            named(vec![7, -1]),
            "therapist_ids must be positive integers",
        ),
    ] {
        let kontakte = reading(MockKontaktberichte::new());
        let page = PageRequest::default();
        let answer = kontakte.simulate(request, &page, Counting::Capped).await;
        assert_eq!(answer.unwrap_err().to_string(), message);
    }
}

fn sent(id: i64, on: &str) -> VerfolgbareEmail {
    VerfolgbareEmail {
        id: EmailId(id),
        therapist_id: 4,
        gesendet_am: noon(on),
        antwort_erhalten: false,
        nachverfolgung_erforderlich: None,
        therapeutenanfrage_id: None,
    }
}

#[tokio::test]
async fn what_is_under_way_is_told_with_the_follow_ups_that_are_due() {
    let mut spoken_to = mailed(4, Some("2026-01-30"));
    spoken_to.zuletzt_gesprochen = "2026-01-20T12:00:00".parse().ok();
    let mut reads = MockKontaktberichte::new();
    reads
        .expect_alle_therapeuten()
        .return_once(move || Ok(vec![spoken_to, mailed(5, None)]));
    let of_five = vec![sent(21, "2025-12-09"), sent(22, "2025-12-11")];
    let verfolgbar = vec![
        sent(1, "2026-01-19"),
        sent(2, "2026-01-21"),
        VerfolgbareEmail {
            nachverfolgung_erforderlich: Some(false),
            ..sent(3, "2026-01-21")
        },
        VerfolgbareEmail {
            antwort_erhalten: true,
            ..sent(6, "2026-01-21")
        },
        sent(7, "2026-01-26"),
        sent(8, "2026-01-27"),
    ];
    let found = Anstehendes {
        emails: vec![EmailId(11)],
        anrufe: vec![TelefonanrufId(12)],
        verfolgbar,
    };
    reads
        .expect_anstehendes()
        .times(1)
        .withf(|ids, am, sent| {
            let berlin = |at: &str| at.parse::<DateTime<Utc>>().unwrap();
            let window = berlin("2025-12-03T23:00:00Z")..berlin("2026-01-26T23:00:00Z");
            ids == [5, 4] && *am == day("2026-02-02") && *sent == window
        })
        .return_once(move |_, _, _| {
            let found_of_five = Anstehendes {
                verfolgbar: of_five,
                ..Anstehendes::default()
            };
            Ok(vec![(5, found_of_five), (4, found)])
        });
    let request = SimulationRequest {
        am: Some(day("2026-02-02")),
        ..SimulationRequest::default()
    };
    let simulation = simulate(reads, request).await;
    let [silent, somebody] = simulation.therapeuten.rows.as_slice() else {
        panic!("{simulation:?}");
    };
    assert_eq!(silent.anstehend.nachverfolgungen, [EmailId(22)]);
    let expected = Anstehend {
        emails: vec![EmailId(11)],
        anrufe: vec![TelefonanrufId(12)],
        nachverfolgungen: vec![EmailId(2), EmailId(7)],
    };
    assert_eq!(somebody.anstehend, expected);
}
