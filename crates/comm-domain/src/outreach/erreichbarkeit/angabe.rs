//! What a client or the directory stated, as a value that belongs to no format: JSON, TOML or a test may make one.

/// Any value of a format like JSON, as far as telephone hours need to tell values apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Angabe {
    /// `null`.
    #[default]
    Null,
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// An object; keys may repeat.
    Object(Vec<(String, Self)>),
    /// Anything else (numbers, truth values), as it is shown in an error.
    Other(String),
}

/// Longest part of a foreign value that an error repeats, in characters.
const SHOWN_CHARS: usize = 40;

impl Angabe {
    /// How an error shows it: short, in one line.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Text(text) => quoted(text),
            Self::List(_) => "a list".to_owned(),
            Self::Object(_) => "an object".to_owned(),
            Self::Other(text) => text.chars().take(SHOWN_CHARS).collect(),
        }
    }
}

/// A text in quotation marks, control characters escaped, its end cut off where it is long.
pub(super) fn quoted(text: &str) -> String {
    let start: String = text.chars().take(SHOWN_CHARS).collect();
    let dots = if start.len() < text.len() { "..." } else { "" };
    format!("{start:?}{dots}")
}

impl From<&str> for Angabe {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
