//! The page of `make run`, over HTTP.

use comm_devkit::page::{self, Feed};
use comm_devkit::smtp::{SmtpOptions, SmtpServer};
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

type Outcome = Result<(), Box<dyn Error>>;

const MAIL: &str = "Subject: <script>alert(1)</script>\r\n\
    MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
    <h1>Guten Tag</h1><script>alert(2)</script>\r\n";

#[tokio::test]
async fn a_mail_is_shown_without_becoming_part_of_the_page() -> Outcome {
    let catcher = SmtpOptions::catcher(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), 10);
    let mails = Arc::new(SmtpServer::start(catcher).await?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let server = page::serve(listener, Arc::clone(&mails), Feed::default())?;
    assert!(get(address, "/").await?.contains("No mail yet"));

    send(mails.addr(), MAIL).await?;
    mails.wait_for(1, Duration::from_secs(10)).await?;

    let overview = get(address, "/").await?;
    assert!(overview.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!overview.contains("<script"));
    let (_, link) = overview.split_once("href=\"/mails/").ok_or("no link")?;
    let id = link.split('"').next().unwrap_or_default();

    let mail = get(address, &format!("/mails/{id}")).await?;
    assert!(mail.contains("<iframe sandbox "));
    assert!(mail.contains("Content-Type: text/html; charset=utf-8"));
    assert!(!mail.contains("<script"));

    let html = get(address, &format!("/mails/{id}/html")).await?;
    assert!(html.contains("content-security-policy: sandbox; default-src 'none'"));
    assert!(html.contains("<h1>Guten Tag</h1>"));

    let unknown = get(address, "/mails/0").await?;
    assert!(unknown.starts_with("HTTP/1.1 404"));
    server.stop(false).await;
    Ok(())
}

async fn send(server: SocketAddr, mail: &str) -> Outcome {
    let mut stream = BufReader::new(TcpStream::connect(server).await?);
    let mut reply = String::new();
    stream.read_line(&mut reply).await?;
    let commands = [
        "HELO test\r\n",
        "MAIL FROM:<a@example.org>\r\n",
        "RCPT TO:<b@example.org>\r\n",
        "DATA\r\n",
    ];
    for command in commands {
        stream.write_all(command.as_bytes()).await?;
        stream.read_line(&mut reply).await?;
    }
    stream.write_all(format!("{mail}.\r\n").as_bytes()).await?;
    stream.read_line(&mut reply).await?;
    Ok(())
}

async fn get(server: SocketAddr, path: &str) -> Result<String, Box<dyn Error>> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
