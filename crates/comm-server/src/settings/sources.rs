//! Where settings come from. The only place of the product that reads the environment.

use config::{Environment, Source};
use std::collections::HashMap;

/// The variables of a process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    variables: HashMap<String, String>,
}

impl Sources {
    /// The variables of this process; a name or value that is not Unicode is passed over.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub(crate) fn of_this_process() -> Self {
        let unicode = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self::new(unicode)
    }

    /// The given variables; an empty value counts as not set.
    pub(crate) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            variables: variables
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// The environment's name, `development` where none is given.
    pub(crate) fn app_env(&self) -> &str {
        self.get("APP_ENV").unwrap_or("development")
    }

    pub(crate) fn names_app_env(&self) -> bool {
        self.get("APP_ENV").is_some()
    }

    /// `COMM__SECTION__KEY`.
    pub(crate) fn prefixed(&self) -> impl Source + Send + Sync + 'static {
        Environment::with_prefix("COMM")
            .prefix_separator("__")
            .separator("__")
            .source(Some(self.variables.clone().into_iter().collect()))
    }
}
