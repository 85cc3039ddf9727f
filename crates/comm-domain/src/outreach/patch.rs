//! What a `PUT` asks of one nullable field (contract, 'Shared rules').

use crate::field::{self, FieldError};

/// What is asked of one nullable field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Left out or `null`: stays as it is.
    #[default]
    Keep,
    /// An empty string: becomes `null`.
    Clear,
    /// A new value.
    Set(T),
}

impl<T> Patch<T> {
    /// The value after the patch.
    pub(super) fn over(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl Patch<i64> {
    /// Whether it asks for another id than the present one; an id of 0 counts as absent.
    pub(super) fn changes_id(&self, present: Option<i64>) -> bool {
        *self != Self::Set(0) && self.clone().over(present) != present
    }
}

impl Patch<String> {
    /// The text of several lines after the patch; a new one is checked.
    pub(super) fn text_over(
        self,
        field: &'static str,
        old: Option<String>,
    ) -> Result<Option<String>, FieldError> {
        match self {
            Self::Set(value) => field::text(field, value).map(Some),
            Self::Keep | Self::Clear => Ok(self.over(old)),
        }
    }
}
