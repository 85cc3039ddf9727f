//! Public holidays of the 16 states, computed from their laws. Weekly Sundays are none, but two feasts that fall on
//! a Sunday are public holidays in Brandenburg.

use super::bundesland::Bundesland::{
    self, BadenWuerttemberg, Bayern, Berlin, Brandenburg, Bremen, Hamburg, Hessen,
    MecklenburgVorpommern, Niedersachsen, NordrheinWestfalen, RheinlandPfalz, Saarland, Sachsen,
    SachsenAnhalt, SchleswigHolstein, Thueringen,
};
use super::bundesland::Gemeinde;
use chrono::{Datelike, NaiveDate, Weekday};

/// A public holiday of at least one state, in the order of the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feiertag {
    /// Neujahr, 1 January: everywhere.
    Neujahr,
    /// Heilige Drei Könige, 6 January, which Baden-Württemberg calls Erscheinungsfest: there, in Bavaria and in Saxony-Anhalt.
    HeiligeDreiKoenige,
    /// Internationaler Frauentag, 8 March: in Berlin since 2019, in Mecklenburg-Vorpommern since 2023.
    Frauentag,
    /// Karfreitag, the Friday before Easter: everywhere.
    Karfreitag,
    /// Ostersonntag: a public holiday by law in Brandenburg alone.
    Ostersonntag,
    /// Ostermontag, the day after Easter Sunday: everywhere.
    Ostermontag,
    /// Tag der Arbeit, 1 May, in most laws just '1. Mai': everywhere.
    TagDerArbeit,
    /// Tag der Befreiung, 8 May, the end of the war: in Berlin in 2020 and 2025 only.
    TagDerBefreiung,
    /// Christi Himmelfahrt, the Thursday 39 days after Easter Sunday: everywhere.
    ChristiHimmelfahrt,
    /// Pfingstsonntag, 49 days after Easter Sunday: a public holiday by law in Brandenburg alone.
    Pfingstsonntag,
    /// Pfingstmontag, 50 days after Easter Sunday: everywhere.
    Pfingstmontag,
    /// Fronleichnam, the Thursday 60 days after Easter Sunday: in six states, and in Catholic municipalities of Saxony and
    /// Thuringia.
    Fronleichnam,
    /// Jahrestag des Volksaufstandes, 17 June, the rising of 1953: in Berlin in 2028 only.
    Volksaufstand,
    /// Augsburger Friedensfest, 8 August: in the city of Augsburg.
    Friedensfest,
    /// Mariä Himmelfahrt, 15 August: in the Saarland, and in Catholic municipalities of Bavaria.
    MariaeHimmelfahrt,
    /// Weltkindertag, 20 September: in Thuringia since 2019.
    Weltkindertag,
    /// Tag der Deutschen Einheit, 3 October, by the Einigungsvertrag: everywhere.
    TagDerDeutschenEinheit,
    /// Reformationstag, 31 October: in five eastern states, since 2018 in four northern ones; in 2017 everywhere.
    Reformationstag,
    /// Allerheiligen, 1 November: in five western and southern states.
    Allerheiligen,
    /// Buß- und Bettag, the Wednesday before 23 November: in Saxony.
    BussUndBettag,
    /// Erster Weihnachtstag, 25 December: everywhere.
    ErsterWeihnachtstag,
    /// Zweiter Weihnachtstag, 26 December: everywhere.
    ZweiterWeihnachtstag,
}

use Feiertag::*;

impl Feiertag {
    /// The public holiday of this date and place. Where two fall together, the one with the fixed date.
    ///
    /// Laws are those in force in 2026 with their changes since 1995; earlier years are computed as if by the law of 1995.
    pub fn on(date: NaiveDate, land: Bundesland, gemeinde: Gemeinde) -> Option<Self> {
        let falling = [fixed(date), movable(date), penance(date)];
        let year = date.year();
        let mut falling = falling.into_iter().flatten();
        falling.find(|feiertag| feiertag.holds(land, gemeinde, year))
    }

    /// What the laws of the states say.
    fn holds(self, land: Bundesland, gemeinde: Gemeinde, year: i32) -> bool {
        let catholic = gemeinde != Gemeinde::Landesweit;
        match self {
            Neujahr
            | Karfreitag
            | Ostermontag
            | TagDerArbeit
            | ChristiHimmelfahrt
            | Pfingstmontag
            | TagDerDeutschenEinheit
            | ErsterWeihnachtstag
            | ZweiterWeihnachtstag => true,
            HeiligeDreiKoenige => matches!(land, BadenWuerttemberg | Bayern | SachsenAnhalt),
            Frauentag => match land {
                Berlin => year >= 2019,
                MecklenburgVorpommern => year >= 2023,
                _ => false,
            },
            Ostersonntag | Pfingstsonntag => land == Brandenburg,
            TagDerBefreiung => land == Berlin && matches!(year, 2020 | 2025),
            Volksaufstand => land == Berlin && year == 2028,
            Fronleichnam => match land {
                BadenWuerttemberg | Bayern | Hessen | NordrheinWestfalen | RheinlandPfalz
                | Saarland => true,
                Sachsen | Thueringen => catholic,
                _ => false,
            },
            Friedensfest => land == Bayern && gemeinde == Gemeinde::Augsburg,
            MariaeHimmelfahrt => land == Saarland || (land == Bayern && catholic),
            Weltkindertag => land == Thueringen && year >= 2019,
            Reformationstag => match land {
                Brandenburg | MecklenburgVorpommern | Sachsen | SachsenAnhalt | Thueringen => true,
                Bremen | Hamburg | Niedersachsen | SchleswigHolstein => year >= 2017,
                _ => year == 2017, // 500 years after the first
            },
            Allerheiligen => matches!(
                land,
                BadenWuerttemberg | Bayern | NordrheinWestfalen | RheinlandPfalz | Saarland
            ),
            BussUndBettag => land == Sachsen,
        }
    }

    /// Its German name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Neujahr => "Neujahr",
            HeiligeDreiKoenige => "Heilige Drei Könige",
            Frauentag => "Internationaler Frauentag",
            Karfreitag => "Karfreitag",
            Ostersonntag => "Ostersonntag",
            Ostermontag => "Ostermontag",
            TagDerArbeit => "Tag der Arbeit",
            TagDerBefreiung => "Tag der Befreiung",
            ChristiHimmelfahrt => "Christi Himmelfahrt",
            Pfingstsonntag => "Pfingstsonntag",
            Pfingstmontag => "Pfingstmontag",
            Fronleichnam => "Fronleichnam",
            Volksaufstand => "Jahrestag des Volksaufstandes",
            Friedensfest => "Augsburger Friedensfest",
            MariaeHimmelfahrt => "Mariä Himmelfahrt",
            Weltkindertag => "Weltkindertag",
            TagDerDeutschenEinheit => "Tag der Deutschen Einheit",
            Reformationstag => "Reformationstag",
            Allerheiligen => "Allerheiligen",
            BussUndBettag => "Buß- und Bettag",
            ErsterWeihnachtstag => "Erster Weihnachtstag",
            ZweiterWeihnachtstag => "Zweiter Weihnachtstag",
        }
    }
}

fn fixed(date: NaiveDate) -> Option<Feiertag> {
    Some(match (date.month(), date.day()) {
        (1, 1) => Neujahr,
        (1, 6) => HeiligeDreiKoenige,
        (3, 8) => Frauentag,
        (5, 1) => TagDerArbeit,
        (5, 8) => TagDerBefreiung,
        (6, 17) => Volksaufstand,
        (8, 8) => Friedensfest,
        (8, 15) => MariaeHimmelfahrt,
        (9, 20) => Weltkindertag,
        (10, 3) => TagDerDeutschenEinheit,
        (10, 31) => Reformationstag,
        (11, 1) => Allerheiligen,
        (12, 25) => ErsterWeihnachtstag,
        (12, 26) => ZweiterWeihnachtstag,
        _ => return None,
    })
}

/// The feasts that move with Easter.
fn movable(date: NaiveDate) -> Option<Feiertag> {
    let (month, day) = easter(date.year());
    let easter = NaiveDate::from_ymd_opt(date.year(), month, day)?;
    Some(match date.signed_duration_since(easter).num_days() {
        -2 => Karfreitag,
        0 => Ostersonntag,
        1 => Ostermontag,
        39 => ChristiHimmelfahrt,
        49 => Pfingstsonntag,
        50 => Pfingstmontag,
        60 => Fronleichnam,
        _ => return None,
    })
}

/// The Wednesday before 23 November.
fn penance(date: NaiveDate) -> Option<Feiertag> {
    let falls =
        date.month() == 11 && (16..=22).contains(&date.day()) && date.weekday() == Weekday::Wed;
    falls.then_some(BussUndBettag)
}

/// Month and day of Easter Sunday in the Gregorian calendar, by Gauss's rule with Lichtenberg's amendments.
fn easter(year: i32) -> (u32, u32) {
    let century = year.div_euclid(100);
    let moon_shift = 15 + (3 * century + 3).div_euclid(4) - (8 * century + 13).div_euclid(25);
    let sun_shift = 2 - (3 * century + 3).div_euclid(4);
    let cycle = year.rem_euclid(19);
    let seed = (19 * cycle + moon_shift).rem_euclid(30);
    let correction = (seed + cycle / 11) / 29;
    let full_moon = 21 + seed - correction;
    let first_sunday = 7 - (year + year.div_euclid(4) + sun_shift).rem_euclid(7);
    let distance = 7 - (full_moon - first_sunday).rem_euclid(7);
    let of_march = (full_moon + distance).unsigned_abs();
    if of_march <= 31 {
        (3, of_march)
    } else {
        (4, of_march - 31)
    }
}
