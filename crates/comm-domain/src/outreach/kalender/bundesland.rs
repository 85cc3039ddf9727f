//! Where in Germany: the 16 states, and the kinds of municipality that some states' laws tell apart.

use crate::outreach::status::wire_enum;

wire_enum! {
    /// One of the 16 German states; on the wire its code of ISO 3166-2:DE without the country.
    Bundesland "bundesland" {
        /// Baden-Württemberg.
        BadenWuerttemberg = "BW",
        /// Bavaria.
        Bayern = "BY",
        /// Berlin.
        Berlin = "BE",
        /// Brandenburg.
        Brandenburg = "BB",
        /// Bremen.
        Bremen = "HB",
        /// Hamburg.
        Hamburg = "HH",
        /// Hesse.
        Hessen = "HE",
        /// Mecklenburg-Vorpommern.
        MecklenburgVorpommern = "MV",
        /// Lower Saxony.
        Niedersachsen = "NI",
        /// North Rhine-Westphalia.
        NordrheinWestfalen = "NW",
        /// Rhineland-Palatinate.
        RheinlandPfalz = "RP",
        /// Saarland.
        Saarland = "SL",
        /// Saxony.
        Sachsen = "SN",
        /// Saxony-Anhalt.
        SachsenAnhalt = "ST",
        /// Schleswig-Holstein.
        SchleswigHolstein = "SH",
        /// Thuringia.
        Thueringen = "TH",
    }
}

wire_enum! {
    /// The kind of municipality, where a state's law makes a difference.
    Gemeinde "gemeinde" {
        /// What holds in the whole state.
        Landesweit = "landesweit",
        /// A municipality for which the law adds a Catholic feast: Mariä Himmelfahrt in Bavaria,
        /// Fronleichnam in Saxony and Thuringia. Elsewhere the same as `Landesweit`.
        Katholisch = "katholisch",
        /// The city of Augsburg, which has the Friedensfest too. Outside Bavaria the same as `Katholisch`.
        Augsburg = "augsburg",
    }
}
