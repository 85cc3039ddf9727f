//! What one instance needs: time to its first answer, memory, and the latency of a steady load.

use crate::load;
use crate::place::{self, Place};
use crate::post;
use crate::report::{Figure, median};
use comm_tests::Service;
use std::time::{Duration, Instant};
use tokio::time::sleep;

const STARTS: usize = 7;
const CLIENTS: usize = 64;
const LOAD: Duration = Duration::from_secs(5);
/// Together 500 requests a second.
const STEADY_CLIENTS: usize = 10;
const BEAT: Duration = Duration::from_millis(20);
const STEADY: Duration = Duration::from_secs(20);

pub(crate) async fn measure(place: &Place) -> Vec<Figure> {
    let url = place.database().await;
    let mut figures = vec![starts(&url).await];
    let service = place::start(&url, &[], &[]).await;
    sleep(Duration::from_secs(3)).await;
    let idle = service.peak_megabytes();
    let request = load::same(post::request("inhalt_markdown"));
    let port = service.client.port();
    let steady = load::run(port, request.clone(), STEADY_CLIENTS, STEADY, Some(BEAT)).await;
    load::run(port, request, CLIENTS, LOAD, None).await;
    let busy = service.peak_megabytes();
    service.stop().await;
    figures.push(Figure {
        what: "POST /api/emails at 500/s, 1 kB of markdown".to_owned(),
        measured: format!(
            "{:.0}/s: p50 {:.1} ms, p99 {:.1} ms",
            steady.per_second,
            millis(steady.p50),
            millis(steady.p99)
        ),
        target: "p99 under 10 ms",
    });
    figures.push(Figure {
        what: "Resident memory of an instance with its worker".to_owned(),
        measured: format!(
            "{idle:.0} MB idle, at most {busy:.0} MB under the load of {CLIENTS} connections"
        ),
        target: "under 25 MB, under 45 MB",
    });
    figures
}

/// From the start of the process to the first 200.
async fn starts(url: &str) -> Figure {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let begun = Instant::now();
        let service: Service = place::start(url, &[], &["--no-worker"]).await;
        service.client.get("/health").await.expect(200);
        times.push(millis(begun.elapsed()));
        service.stop().await;
    }
    Figure {
        what: "From the start of the process, schema up to date, to the first 200".to_owned(),
        measured: format!("{:.0} ms (median of {STARTS})", median(times)),
        target: "under 100 ms",
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
