//! What the end of a dialogue means. One pure function: it knows neither sockets nor lettre.

use crate::words;
use comm_domain::outreach::{Fehler, Fehlerart, Fehlergrund, Outcome};

/// How far a dialogue had come, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// TCP connection, and the handshake of implicit TLS.
    Connect,
    /// Greeting and EHLO.
    Hello,
    /// STARTTLS and its handshake.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA: the server has not said 354.
    Data,
    /// The server has said 354. From here on only its reply tells what became of the mail.
    Message,
}

/// What ended a dialogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// The server answered.
    Reply(Reply),
    /// There was no connection, or it ended.
    Lost,
    /// The time for the stage ran out.
    TimedOut,
    /// What came is no SMTP reply, or none that may stand at this place.
    NotSmtp,
    /// The server and our settings do not fit: certificate, STARTTLS or AUTH mechanism.
    Mismatch,
    /// An address needs SMTPUTF8 (RFC 6531), and the server does not speak it.
    NoSmtpUtf8,
    /// The transport was interrupted.
    CalledOff,
}

/// One reply of the server; lines are joined by spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) text: String,
}

/// An event with the stage at which it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) stage: Stage,
    pub(crate) event: Event,
}

impl Stage {
    /// Whether the dialogue goes on after this code. Only the first digit counts (RFC 5321 4.3.2).
    pub(crate) fn is_passed_by(self, code: u16) -> bool {
        match self {
            Self::Data => (300..400).contains(&code),
            _ => (200..300).contains(&code),
        }
    }
}

impl Event {
    /// What happened, without anything that the server said.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Reply(_) => "reply",
            Self::Lost => "connection lost",
            Self::TimedOut => "timed out",
            Self::NotSmtp => "not SMTP",
            Self::Mismatch => "settings do not fit the server",
            Self::NoSmtpUtf8 => "no SMTPUTF8",
            Self::CalledOff => "called off",
        }
    }
}

impl Ending {
    /// A parked connection that the server had given up, noticed at the first command on it. The mail
    /// has not been judged, so another connection may try.
    pub(crate) fn is_stale_connection(&self) -> bool {
        self.stage == Stage::Mail
            && match &self.event {
                Event::Reply(reply) => reply.code == 421,
                Event::Lost | Event::TimedOut | Event::NotSmtp => true,
                Event::Mismatch | Event::NoSmtpUtf8 | Event::CalledOff => false,
            }
    }

    /// Whether the connection may serve the next mail. A 4xx to MAIL is often a limit of this very
    /// connection, and after 421 the server hangs up.
    pub(crate) fn leaves_connection_usable(&self) -> bool {
        match &self.event {
            Event::Reply(reply) if self.stage == Stage::Mail => reply.code >= 500,
            Event::Reply(reply) => {
                self.stage > Stage::Mail && reply.code >= 400 && reply.code != 421
            }
            Event::NoSmtpUtf8 => true,
            _ => false,
        }
    }

    /// The contract's table 'Sending: what a reply means'.
    pub(crate) fn outcome(&self) -> Outcome {
        match (self.stage, &self.event) {
            (stage, Event::Reply(reply)) => of_reply(stage, reply),
            (Stage::Message, Event::CalledOff) => in_doubt(Fehlergrund::Abgebrochen),
            (Stage::Message, _) => in_doubt(Fehlergrund::AntwortFehlt),
            (_, Event::CalledOff) => Outcome::CalledOff,
            (_, Event::Lost | Event::TimedOut | Event::NotSmtp) => {
                silent(Fehlerart::Voruebergehend, Fehlergrund::NichtErreichbar)
            }
            (_, Event::Mismatch) => silent(Fehlerart::Voruebergehend, Fehlergrund::Zugang),
            (stage, Event::NoSmtpUtf8) => silent(Fehlerart::Endgueltig, refused(stage)),
        }
    }
}

fn of_reply(stage: Stage, reply: &Reply) -> Outcome {
    match (stage, reply.code) {
        (Stage::Message, 200..300) => Outcome::Accepted,
        (_, 421) => said(
            Fehlerart::Voruebergehend,
            Fehlergrund::NichtErreichbar,
            reply,
        ),
        (_, 400..500) => said(Fehlerart::Voruebergehend, busy(stage), reply),
        (Stage::Connect | Stage::Hello | Stage::StartTls | Stage::Auth, 500..600) => {
            said(Fehlerart::Voruebergehend, Fehlergrund::Zugang, reply)
        }
        (_, 500..600) => said(Fehlerart::Endgueltig, refused(stage), reply),
        _ => Ending {
            stage,
            event: Event::NotSmtp,
        }
        .outcome(),
    }
}

/// Before MAIL a 4xx is no fault of the set-up, unlike a 5xx: the server cannot be used just now.
fn busy(stage: Stage) -> Fehlergrund {
    match refused(stage) {
        Fehlergrund::Zugang => Fehlergrund::NichtErreichbar,
        grund => grund,
    }
}

fn refused(stage: Stage) -> Fehlergrund {
    match stage {
        Stage::Connect | Stage::Hello | Stage::StartTls | Stage::Auth => Fehlergrund::Zugang,
        Stage::Mail => Fehlergrund::Absender,
        Stage::Rcpt => Fehlergrund::Adresse,
        Stage::Data | Stage::Message => Fehlergrund::Nachricht,
    }
}

fn said(art: Fehlerart, grund: Fehlergrund, reply: &Reply) -> Outcome {
    Outcome::Failed(Fehler {
        art,
        grund,
        server: Some(words::presentable(reply.code, &reply.text)),
        enhanced_code: words::enhanced_code(reply.code, &reply.text),
        anhang: None,
    })
}

pub(crate) fn silent(art: Fehlerart, grund: Fehlergrund) -> Outcome {
    Outcome::Failed(Fehler {
        art,
        grund,
        server: None,
        enhanced_code: None,
        anhang: None,
    })
}

fn in_doubt(grund: Fehlergrund) -> Outcome {
    Outcome::Failed(Fehler::in_doubt(grund))
}

#[cfg(test)]
mod tests;
