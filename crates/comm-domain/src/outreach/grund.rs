//! Every reason for a 'no' in the product: slot search, contact rules, follow-ups and the queue share this
//! one enumeration (contract, 'Slot finding').

crate::outreach::status::wire_enum! {
    /// Why something is not possible, `grund` on the wire.
    Grund "grund" {
        /// Outside the telephone hours.
        AusserhalbDerZeiten = "ausserhalb_der_zeiten",
        /// Another call of the same person is planned then.
        Belegt = "belegt",
        /// A public holiday of the configured state.
        Feiertag = "feiertag",
        /// A configured closing day.
        Geschlossen = "geschlossen",
        /// In the past, or within the lead time.
        Vorlauf = "vorlauf",
        /// Every seat of the staff is taken.
        KeinPlatz = "kein_platz",
        /// A mail went to this therapist less than 7 days ago.
        Wochenfrist = "wochenfrist",
        /// The therapist refused less than 4 weeks ago.
        Sperrfrist = "sperrfrist",
        /// Blocked by hand.
        Gesperrt = "gesperrt",
        /// No telephone hours are stated.
        KeineAngabe = "keine_angabe",
        /// The email was answered, in writing or by a talk since.
        BereitsBeantwortet = "bereits_beantwortet",
        /// Switched off, for this email or altogether.
        Abgeschaltet = "abgeschaltet",
        /// Older than follow-ups reach back.
        ZuAlt = "zu_alt",
        /// No further attempt is due.
        VersucheErschoepft = "versuche_erschoepft",
        /// The directory of therapists or patients did not answer.
        VerzeichnisNichtErreichbar = "verzeichnis_nicht_erreichbar",
    }
}

impl Grund {
    /// Whether it is one of the contact rules (contract, 'Contact rules').
    pub fn is_contact_rule(self) -> bool {
        matches!(self, Self::Wochenfrist | Self::Sperrfrist | Self::Gesperrt)
    }
}
