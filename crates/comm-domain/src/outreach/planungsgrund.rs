//! Why a call was planned, as far as its data say: nobody writes it down, and nobody can get it wrong.

use super::status::wire_enum;

wire_enum! {
    /// Why a call was planned: `grund_der_planung`.
    Planungsgrund "grund_der_planung" {
        /// A client asked for it.
        Anforderung = "anforderung",
        /// Emails are unanswered.
        Nachverfolgung = "nachverfolgung",
        /// The attempt before reached nobody.
        Wiederholung = "wiederholung",
        /// It was agreed at the call before.
        Rueckruf = "rueckruf",
    }
}

/// The call that a call retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vorgaenger {
    /// There is none.
    Keiner,
    /// There was one, which has been removed since.
    Entfernt,
    /// It was this attempt, by its `versuch`.
    Versuch(i32),
}

/// What is known of how a call came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Herkunft {
    /// Its own `versuch`.
    pub versuch: i32,
    /// The call that it retries.
    pub vorgaenger: Vorgaenger,
    /// How many emails it follows up.
    pub emails: usize,
}

impl Herkunft {
    /// Why it was planned. A callback keeps the number of the attempt before it and a retry counts on (see
    /// [`Telefonanruf::wiederholung`](super::Telefonanruf::wiederholung)): that tells them apart, also when the outcome
    /// of the call before was corrected since.
    pub fn grund(self) -> Planungsgrund {
        match self.vorgaenger {
            Vorgaenger::Keiner if self.emails > 0 => Planungsgrund::Nachverfolgung,
            Vorgaenger::Keiner => Planungsgrund::Anforderung,
            Vorgaenger::Entfernt if self.versuch > 1 => Planungsgrund::Wiederholung,
            Vorgaenger::Versuch(before) if self.versuch > before => Planungsgrund::Wiederholung,
            Vorgaenger::Entfernt | Vorgaenger::Versuch(_) => Planungsgrund::Rueckruf,
        }
    }
}
