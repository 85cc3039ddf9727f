//! `make bench`: measures the service against references in the same run, and writes the figures into
//! `docs/PERFORMANCE.md` between two marks. The text around them is a person's.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot be set up has failed, and a person is waiting"
)]

mod call_list;
mod calls;
mod drain;
mod followups;
mod footprint;
mod list;
mod load;
mod place;
mod post;
mod relay;
mod report;

use place::Place;

/// All of them, or only the one that is named: `bench relay` prints its figures and leaves the file alone.
#[tokio::main]
async fn main() {
    let only = std::env::args().nth(1);
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let place = Place::new().await;
    let mut rows = Vec::new();
    if wanted("post") {
        rows.extend(lines(&post::measure(&place).await));
    }
    if wanted("footprint") {
        rows.extend(lines(&footprint::measure(&place).await));
    }
    if wanted("drain") {
        rows.extend(lines(&drain::measure(&place).await));
    }
    if wanted("relay") {
        rows.extend(lines(&[relay::measure(&place).await]));
    }
    if wanted("calls") {
        rows.extend(calls::measure(&place).await);
    }
    if wanted("followups") {
        rows.extend(followups::measure(&place).await);
    }
    if wanted("list") {
        rows.extend(list::measure(&place).await);
    }
    for row in &rows {
        println!("{row}");
    }
    if only.is_none() {
        report::write(&rows).unwrap();
    }
}

fn lines(rows: &[impl ToString]) -> Vec<String> {
    rows.iter().map(ToString::to_string).collect()
}
