//! The seats of the staff: where a capacity is configured, every planned call holds one of N.

use comm_domain::outreach::Termin;
use comm_ports::outreach::BelegterPlatz;
use std::num::NonZeroU16;

/// The seats and who holds them.
#[derive(Debug, Clone)]
pub(super) struct Plaetze {
    anzahl: NonZeroU16,
    belegt: Vec<BelegterPlatz>,
    termine: Vec<Termin>,
}

impl Plaetze {
    pub(super) fn new(anzahl: NonZeroU16, belegt: Vec<BelegterPlatz>) -> Self {
        let termine = belegt.iter().map(|platz| platz.termin).collect();
        Self {
            anzahl,
            belegt,
            termine,
        }
    }

    pub(super) fn anzahl(&self) -> u16 {
        self.anzahl.get()
    }

    /// Every slot that a planned call holds, also those without a number.
    pub(super) fn termine(&self) -> &[Termin] {
        &self.termine
    }

    /// The first seat that is free for all of this slot. A seat is not changed in the middle of a call, so there may
    /// be none although fewer calls than seats are on at any minute.
    pub(super) fn frei(&self, termin: Termin) -> Option<i16> {
        let others = self.belegt.iter();
        let others = others.filter(|other| other.termin.overlaps(termin));
        let held: Vec<Option<i16>> = others.map(|other| other.platz).collect();
        let unnumbered = held.iter().filter(|platz| platz.is_none()).count();
        let last = i16::try_from(self.anzahl.get()).unwrap_or(i16::MAX);
        let free = (1..=last).filter(|platz| !held.contains(&Some(*platz)));
        // Calls from before there were seats take the first ones.
        free.take(unnumbered + 1).nth(unnumbered)
    }

    /// Gives the seat of a call back that is about to move.
    pub(super) fn release(&mut self, platz: Option<i16>, termin: Termin) {
        let held = BelegterPlatz { platz, termin };
        if let Some(place) = self.belegt.iter().position(|other| *other == held) {
            self.belegt.swap_remove(place);
            self.termine = self.belegt.iter().map(|platz| platz.termin).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use comm_domain::outreach::Dauer;

    fn at(minute: u32) -> Termin {
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let time = day.and_hms_opt(9, minute, 0).unwrap().time();
        Termin::new(day, time, Dauer::parse(10).unwrap()).unwrap()
    }

    fn held(platz: impl Into<Option<i16>>, minute: u32) -> BelegterPlatz {
        BelegterPlatz {
            platz: platz.into(),
            termin: at(minute),
        }
    }

    #[test]
    fn a_call_needs_one_seat_from_its_beginning_to_its_end() {
        let two = NonZeroU16::new(2).unwrap();
        let plaetze = Plaetze::new(two, vec![held(1, 0), held(2, 10)]);
        assert_eq!(plaetze.frei(at(0)), Some(2));
        assert_eq!(plaetze.frei(at(10)), Some(1));
        // One call is on at any minute of it, and still no seat is free for all of it.
        assert_eq!(plaetze.frei(at(5)), None);
        assert_eq!(plaetze.frei(at(20)), Some(1));
    }

    #[test]
    fn a_seat_that_is_given_back_is_free() {
        let one = NonZeroU16::new(1).unwrap();
        let mut plaetze = Plaetze::new(one, vec![held(1, 0)]);
        assert_eq!(plaetze.frei(at(5)), None);
        plaetze.release(Some(1), at(0));
        assert_eq!(plaetze.frei(at(5)), Some(1));
        assert!(plaetze.termine().is_empty());
    }
}
