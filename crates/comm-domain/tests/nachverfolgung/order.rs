use crate::support::at;
use comm_domain::outreach::nachverfolgung::{
    Rang,
    Verfuegbarkeit::{self, PotenziellVerfuegbar, Unbekannt},
};

fn rang(verfuegbarkeit: Verfuegbarkeit, since: u64, therapist_id: i64) -> Rang {
    Rang {
        verfuegbarkeit,
        wartet_seit: at(since, 12),
        therapist_id,
    }
}

#[test]
fn who_may_have_a_place_is_called_first_and_then_who_waited_longest() {
    let mut queue = [
        rang(Unbekannt, 0, 1),
        rang(PotenziellVerfuegbar, 9, 2),
        rang(Unbekannt, 3, 5),
        rang(Unbekannt, 3, 4),
        rang(PotenziellVerfuegbar, 2, 3),
    ];
    queue.sort();
    assert_eq!(queue.map(|rang| rang.therapist_id), [3, 2, 1, 4, 5]);
}
