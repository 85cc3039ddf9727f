//! `make bench`: measures the service against references in the same run, and writes the figures into
//! `docs/PERFORMANCE.md` between two marks. The text around them is a person's.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot be set up has failed, and a person is waiting"
)]

mod drain;
mod load;
mod place;
mod post;
mod relay;
mod report;

use place::Place;

#[tokio::main]
async fn main() {
    let place = Place::new().await;
    let rows = vec![
        post::measure(&place).await,
        drain::measure(&place).await,
        relay::measure(&place).await,
    ];
    for row in &rows {
        println!("{row}");
    }
    report::write(&rows).unwrap();
}
