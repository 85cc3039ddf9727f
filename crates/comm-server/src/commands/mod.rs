//! The commands that do one thing and end.

pub(crate) mod events;
mod verify;

use crate::settings::Settings;
use crate::wire;
use comm_content::{TemplatesConfig, TeraTemplates};
use comm_http::openapi_json;
use comm_ports::MailTemplates;
use std::error::Error;

pub(crate) type Done = Result<(), Box<dyn Error>>;

/// Applies pending migrations and says which.
pub(crate) async fn migrate(settings: &Settings) -> Done {
    let applied = comm_postgres::migrations::migrate(&settings.database).await?;
    for migration in &applied {
        say(&format!("applied {migration}"));
    }
    if applied.is_empty() {
        say("nothing to apply: the database is up to date");
    }
    Ok(())
}

/// Prints the description of the API. It needs no settings: the templates are those that are built in.
pub(crate) fn openapi() -> Done {
    let templates = TeraTemplates::new(&TemplatesConfig::default(), "")?;
    say(&openapi_json(&templates.list()?)?);
    Ok(())
}

/// Builds everything that can be built without talking to anyone, and shows the settings.
pub(crate) fn check_config(settings: &Settings) -> Done {
    wire::check(settings)?;
    for line in settings.shown() {
        say(&line);
    }
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "the answer to a person who typed the command"
)]
fn say(line: &str) {
    println!("{line}");
}
