//! Clients that hang up: in the middle of a request, which then never was one, or before its answer.

use crate::quiet::Ending;
use crate::stage::{Set, Stage};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

pub(crate) async fn hang_up(stage: Stage) -> Ending {
    let mut set = stage.with_delay(Duration::from_millis(10)).await;
    set.start(&[&[], &[]]).await;
    let (mails, rude) = set.length.pick((60, 60), (500, 500));
    let load = set.traffic.start(mails);
    for _ in 0..rude {
        be_rude(&mut set).await;
    }
    load.await.unwrap();
    set.ends_with_doubts(0).await
}

/// Every other client says all it has to say, and does not wait for the answer. A request that was
/// not said to its end is not written down: a mail of it would be one that nobody asked for.
async fn be_rude(set: &mut Set) {
    let (sender, body) = set.traffic.next_mail();
    let body = body.to_string();
    let request = format!(
        "POST /api/emails HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let end = u64::try_from(request.len()).unwrap();
    let said = match set.choices.between(0, 1) {
        0 => end,
        _ => set.choices.between(1, end - 1),
    };
    if said == end {
        set.journal.note("unanswered", &sender);
    }
    let door = usize::try_from(set.choices.between(0, 1)).unwrap();
    let address = ("127.0.0.1", set.services[door].client.port());
    let mut connection = TcpStream::connect(address).await.unwrap();
    let said = &request.as_bytes()[..usize::try_from(said).unwrap()];
    connection.write_all(said).await.unwrap();
}
