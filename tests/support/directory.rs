//! A scripted service of the platform, the Therapist and the Patient Service in one: it speaks HTTP/1.1, keeps
//! a record of what it is asked, and answers as the test wishes, badly if need be.

use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// A request that was read whole.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its number on this server, from 1.
    pub nth: usize,
    /// Method and path, for example `PATCH /api/patients/3/last-contact`.
    pub route: String,
    /// The body as JSON, `null` if it is none.
    pub body: Value,
    /// When it had been read.
    pub at: Instant,
}

impl Request {
    /// What stands after the method.
    pub fn path(&self) -> &str {
        self.route.split_once(' ').map_or("", |(_, path)| path)
    }
}

/// What a request is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// This status with an empty JSON object.
    Status(u16),
    /// 200 with this body.
    Json(Value),
    /// 200 with these bytes.
    Bytes(Vec<u8>),
    /// 200 with the record that the server has under this path, else 404.
    Record,
    /// The same, later.
    SlowRecord(Duration),
    /// This status with an empty JSON object, later.
    Slow(Duration, u16),
    /// Nothing, for as long as the client waits.
    Hang,
    /// Words that are no HTTP.
    Nonsense,
    /// The connection is closed without a word.
    Gone,
}

type Rule = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

struct State {
    rule: Mutex<Rule>,
    requests: Mutex<Vec<Request>>,
    records: Mutex<HashMap<String, Value>>,
    connections: AtomicUsize,
}

/// A running server; it ends when it is dropped.
pub struct DirectoryServer {
    port: u16,
    state: Arc<State>,
    /// Dropped, it ends the server.
    _stop: oneshot::Sender<()>,
}

impl DirectoryServer {
    /// Answers everything with 200.
    pub async fn start() -> Self {
        Self::answering(|_| Reply::Status(200)).await
    }

    /// Plays the directories: gives the records that it is given by [`Self::knows`], else 404, and takes
    /// whatever it is told.
    pub async fn of_people() -> Self {
        Self::answering(by_records).await
    }

    /// Answers by this rule.
    pub async fn answering(rule: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(0, Arc::new(rule)).await
    }

    /// Answers everything with 200 on a port that was free a moment ago.
    pub async fn start_at(port: u16) -> Self {
        Self::listen(port, Arc::new(|_: &Request| Reply::Status(200))).await
    }

    async fn listen(port: u16, rule: Rule) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listener.expect("a port for the directory server");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(State {
            rule: Mutex::new(rule),
            requests: Mutex::default(),
            records: Mutex::default(),
            connections: AtomicUsize::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        let serving = serve(listener, Arc::clone(&state));
        tokio::spawn(async move {
            tokio::select! {
                () = serving => {}
                _ = stopped => {}
            }
        });
        Self {
            port,
            state,
            _stop: stop,
        }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Answers by another rule from now on.
    pub fn now_answers(&self, rule: impl Fn(&Request) -> Reply + Send + Sync + 'static) {
        *locked(&self.state.rule) = Arc::new(rule);
    }

    /// Gives records from now on, after a bad time.
    pub fn now_answers_records(&self) {
        self.now_answers(by_records);
    }

    /// Has this record under a path such as `/api/therapists/7` from now on.
    pub fn knows(&self, path: &str, record: Value) {
        locked(&self.state.records).insert(path.to_owned(), record);
    }

    /// Has no record under this path any more.
    pub fn knows_no_more(&self, path: &str) {
        locked(&self.state.records).remove(path);
    }

    /// How often it was asked for this path.
    pub fn asked_for(&self, path: &str) -> usize {
        let requests = locked(&self.state.requests);
        let same = requests.iter().filter(|request| request.path() == path);
        same.count()
    }

    /// What it was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        locked(&self.state.requests).clone()
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }

    /// Waits until it was asked this often.
    pub async fn wait_for(&self, count: usize) -> Vec<Request> {
        crate::eventually(&format!("{count} requests"), || async {
            let requests = self.requests();
            (requests.len() >= count).then_some(requests)
        })
        .await
    }
}

fn by_records(request: &Request) -> Reply {
    if request.route.starts_with("GET ") {
        Reply::Record
    } else {
        Reply::Status(200)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    // The connections end with the server.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        state.connections.fetch_add(1, Ordering::Relaxed);
        let state = Arc::clone(&state);
        connections.spawn(async move { converse(stream, &state).await });
    }
}

/// One connection, until either side ends it.
async fn converse(stream: TcpStream, state: &State) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (route, body) = read(&mut stream).await?;
        let request = {
            let mut requests = locked(&state.requests);
            let request = Request {
                nth: requests.len() + 1,
                route,
                body,
                at: Instant::now(),
            };
            requests.push(request.clone());
            request
        };
        let rule = Arc::clone(&locked(&state.rule));
        let answer = answer(rule(&request), &request, state).await?;
        stream.write_all(&answer).await.ok()?;
    }
}

/// The bytes to send; `None` to hang up without a word.
async fn answer(reply: Reply, request: &Request, state: &State) -> Option<Vec<u8>> {
    let (status, body) = match reply {
        Reply::Status(status) => (status, b"{}".to_vec()),
        Reply::Json(body) => (200, body.to_string().into_bytes()),
        Reply::Bytes(body) => (200, body),
        Reply::Slow(delay, status) => {
            sleep(delay).await;
            (status, b"{}".to_vec())
        }
        Reply::Record => record(request, state),
        Reply::SlowRecord(delay) => {
            sleep(delay).await;
            record(request, state)
        }
        Reply::Hang => std::future::pending().await,
        Reply::Nonsense => return Some(b"Guten Tag, hier spricht niemand.\r\n".to_vec()),
        Reply::Gone => return None,
    };
    Some(response(status, &body))
}

fn record(request: &Request, state: &State) -> (u16, Vec<u8>) {
    match locked(&state.records).get(request.path()) {
        Some(record) => (200, record.to_string().into_bytes()),
        None => (404, br#"{"message": "not found"}"#.to_vec()),
    }
}

/// Method and path, and the body.
async fn read(stream: &mut BufReader<TcpStream>) -> Option<(String, Value)> {
    let (mut route, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if route.is_empty() {
            line.trim_end_matches(" HTTP/1.1").clone_into(&mut route);
        } else if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Some((route, body))
}

fn response(status: u16, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} Status\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
