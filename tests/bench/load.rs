//! A plain HTTP load generator: kept connections, one request after the other on each.

use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::interval;

/// What came of a load.
pub(crate) struct Load {
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// Sends the request again and again on `connections` connections for `time`. With a pause each of them waits for
/// the next beat of that length, late or not, so that a slow answer is not followed by fewer requests.
pub(crate) async fn run(
    port: u16,
    request: Vec<u8>,
    connections: usize,
    time: Duration,
    beat: Option<Duration>,
) -> Load {
    let request = Arc::new(request);
    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..connections {
        clients.spawn(client(port, Arc::clone(&request), begun + time, beat));
    }
    let mut latencies: Vec<Duration> = clients.join_all().await.into_iter().flatten().collect();
    let seconds = begun.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let at = |share: usize| {
        latencies
            .get(latencies.len() * share / 100)
            .copied()
            .unwrap_or_default()
    };
    Load {
        per_second: f64::from(u32::try_from(latencies.len()).unwrap()) / seconds,
        p50: at(50),
        p99: at(99),
    }
}

async fn client(
    port: u16,
    request: Arc<Vec<u8>>,
    end: Instant,
    beat: Option<Duration>,
) -> Vec<Duration> {
    let mut beats = beat.map(interval);
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    stream.get_ref().set_nodelay(true).unwrap();
    let mut latencies = Vec::new();
    while Instant::now() < end {
        let sent = match &mut beats {
            Some(beats) => beats.tick().await.into_std(),
            None => Instant::now(),
        };
        stream.write_all(&request).await.unwrap();
        answer(&mut stream).await;
        latencies.push(sent.elapsed());
    }
    latencies
}

/// Reads one answer, which must be a 201.
async fn answer(stream: &mut BufReader<TcpStream>) {
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    assert!(line.starts_with("HTTP/1.1 201"), "{line}");
    let mut length = 0;
    loop {
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        let header = line.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
}
