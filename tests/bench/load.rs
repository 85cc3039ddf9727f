//! A plain HTTP load generator: kept connections, one request after the other on each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Interval, interval_at};

/// What came of a load.
pub(crate) struct Load {
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// The nth request, of all connections together.
pub(crate) type Requests = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// The same request each time.
pub(crate) fn same(request: Vec<u8>) -> Requests {
    Arc::new(move |_| request.clone())
}

/// A `POST` of JSON.
pub(crate) fn post(path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends requests one after the other on `connections` connections for `time`. With a pause each of them waits for
/// the next beat of that length, late or not, so that a slow answer is not followed by fewer requests; the beats of
/// the connections are spread evenly.
pub(crate) async fn run(
    port: u16,
    requests: Requests,
    connections: usize,
    time: Duration,
    beat: Option<Duration>,
) -> Load {
    let count = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for nth in 0..u32::try_from(connections).unwrap() {
        let source = Source {
            requests: Arc::clone(&requests),
            count: Arc::clone(&count),
        };
        let beats = beat.map(|beat| {
            let part = beat * nth / u32::try_from(connections).unwrap();
            interval_at(tokio::time::Instant::from_std(begun + part), beat)
        });
        clients.spawn(client(port, source, begun + time, beats));
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

struct Source {
    requests: Requests,
    count: Arc<AtomicU64>,
}

impl Source {
    fn next(&self) -> Vec<u8> {
        (self.requests)(self.count.fetch_add(1, Ordering::Relaxed))
    }
}

async fn client(
    port: u16,
    source: Source,
    end: Instant,
    mut beats: Option<Interval>,
) -> Vec<Duration> {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    stream.get_ref().set_nodelay(true).unwrap();
    let mut latencies = Vec::new();
    while Instant::now() < end {
        let sent = match &mut beats {
            Some(beats) => beats.tick().await.into_std(),
            None => Instant::now(),
        };
        stream.write_all(&source.next()).await.unwrap();
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
