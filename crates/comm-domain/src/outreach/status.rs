//! The enumerations that stand on the wire and in the database, each with its one spelling.

/// Declares an enumeration with its wire spelling: `as_str`, `parse` and `NAMES`.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident $field:literal { $($(#[$variant_doc:meta])* $variant:ident = $wire:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The spelling on the wire and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire,)+ }
            }

            /// Reads the wire spelling.
            ///
            /// # Errors
            /// Anything else; the message names the field and the valid values.
            pub fn parse(value: &str) -> Result<Self, $crate::field::FieldError> {
                Self::parse_as($field, value)
            }

            /// Reads the wire spelling of a field that bears another name.
            ///
            /// # Errors
            /// Anything else; the message names `field` and the valid values.
            pub fn parse_as(
                field: &'static str,
                value: &str,
            ) -> Result<Self, $crate::field::FieldError> {
                match value {
                    $($wire => Ok(Self::$variant),)+
                    _ => {
                        let names = [$(concat!("'", $wire, "'")),+].join(", ");
                        Err($crate::field::FieldError::invalid(
                            field,
                            format!("must be one of {names}"),
                        ))
                    }
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = std::borrow::Cow::<str>::deserialize(deserializer)?;
                Self::parse(&name).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use wire_enum;

wire_enum! {
    /// Where an email stands (contract, 'Email').
    EmailStatus "status" {
        /// A draft: everything about it may still change.
        Entwurf = "Entwurf",
        /// Waiting until it is due.
        InWarteschlange = "In_Warteschlange",
        /// An instance holds it and talks to the SMTP server.
        WirdGesendet = "Wird_gesendet",
        /// The server took it, or a person sent it by hand.
        Gesendet = "Gesendet",
        /// No further attempt by itself; `fehlerart` says whether it may have arrived.
        Fehlgeschlagen = "Fehlgeschlagen",
    }
}

wire_enum! {
    /// What kind of failure the last attempt met (contract, 'Sending: what a reply means').
    Fehlerart "fehlerart" {
        /// It may work later.
        Voruebergehend = "voruebergehend",
        /// It will not work like this.
        Endgueltig = "endgueltig",
        /// The mail may or may not have arrived: a person decides.
        AusgangUnklar = "ausgang_unklar",
    }
}

wire_enum! {
    /// Where a call stands (contract, 'Telefonanruf').
    TelefonanrufStatus "status" {
        /// It holds a slot.
        Geplant = "geplant",
        /// It was made.
        Abgeschlossen = "abgeschlossen",
        /// It was tried in vain.
        Fehlgeschlagen = "fehlgeschlagen",
        /// It was called off; it can be planned again.
        Abgebrochen = "abgebrochen",
    }
}

wire_enum! {
    /// The outcome of a call, or of an answer to a mail, in a form that rules can use. A call calls it
    /// `ergebnis_art`: [`Self::parse_as`].
    ErgebnisArt "antwort_art" {
        /// All that was asked for.
        Angenommen = "angenommen",
        /// Some of it.
        TeilweiseAngenommen = "teilweise_angenommen",
        /// Refused: starts the cooling-off.
        Abgelehnt = "abgelehnt",
        /// Nobody answered.
        NichtErreicht = "nicht_erreicht",
        /// A time to call back was agreed.
        RueckrufVereinbart = "rueckruf_vereinbart",
        /// Something else, in words.
        Sonstiges = "sonstiges",
    }
}
