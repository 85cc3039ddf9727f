//! The table in `docs/PERFORMANCE.md`.

use std::path::Path;
use std::{fmt, fs, io};

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";

/// One measurement with its reference, medians of alternating rounds.
pub(crate) struct Row {
    pub(crate) what: String,
    /// Per second.
    pub(crate) ours: f64,
    /// Per second.
    pub(crate) reference: f64,
    pub(crate) against: String,
    pub(crate) note: String,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            ours,
            reference,
            against,
            note,
        } = self;
        let ratio = ours / reference;
        write!(
            f,
            "| {what} | {ours:.0}/s ({note}) | {against}: {reference:.0}/s | **{ratio:.2}** |"
        )
    }
}

/// A figure that stands for itself, with what it should be.
pub(crate) struct Figure {
    pub(crate) what: String,
    pub(crate) measured: String,
    pub(crate) target: &'static str,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            measured,
            target,
        } = self;
        write!(f, "| {what} | {measured} | {target} | |")
    }
}

/// Puts the rows between the marks.
pub(crate) fn write(rows: &[String]) -> io::Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/PERFORMANCE.md");
    let text = fs::read_to_string(&file)?;
    let marked = text
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) =
        marked.ok_or_else(|| io::Error::other("docs/PERFORMANCE.md has lost its marks"))?;
    let head = "| what | measured | against | ratio |\n|---|---|---|---|";
    fs::write(
        file,
        format!("{before}{BEGIN}\n{head}\n{}\n{END}{after}", rows.join("\n")),
    )
}

/// The middle value.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
