//! Environments of services that differ from their world's.

use comm_tests::World;

/// What a service of this world is started with, and these variables besides; they win.
pub(crate) fn environment_of(world: &World, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut environment = world.environment();
    let named = more.iter().map(|(name, value)| (*name, *value));
    environment.extend(named.map(|(name, value)| (name.to_owned(), value.to_owned())));
    environment
}

/// Only these variables.
pub(crate) fn only(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    let named = variables.iter().map(|(name, value)| (*name, *value));
    named
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
