//! The program `comm-dev`, as its own process.

use comm_devkit::free_port;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

type Outcome = Result<(), Box<dyn Error>>;

const PROGRAM: &str = env!("CARGO_BIN_EXE_comm-dev");

#[test]
fn a_server_dies_with_its_parent_even_if_that_is_killed() -> Outcome {
    let mut parent = with_postgres("echo $COMM_TEST_POSTGRES; exec sleep 600")?;
    let url = first_line(&mut parent)?;
    let address = url.rsplit('@').next().unwrap_or_default().to_owned();
    TcpStream::connect(&address)?;
    parent.kill()?;
    parent.wait()?;
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(&address).is_ok() {
        assert!(Instant::now() < deadline, "PostgreSQL outlives its parent");
        std::thread::yield_now();
    }
    Ok(())
}

#[test]
fn the_code_of_a_command_run_with_servers_is_passed_on() -> Outcome {
    assert_eq!(with_postgres("exit 3")?.wait()?.code(), Some(3));
    Ok(())
}

#[test]
fn a_service_that_dies_ends_the_run_with_its_code() -> Outcome {
    let output = run_service("[ $1 = migrate ] || exit 7", free_port()?)?;
    assert_eq!(output.status.code(), Some(7));
    let words = String::from_utf8(output.stdout)?;
    assert!(
        words.contains("communication-service ended by itself"),
        "{words}"
    );
    Ok(())
}

#[test]
fn a_failed_migration_ends_the_run_before_the_service_is_started() -> Outcome {
    let output = run_service("[ $1 = migrate ] && exit 4; echo served", free_port()?)?;
    assert_eq!(output.status.code(), Some(4));
    assert!(!String::from_utf8(output.stdout)?.contains("served"));
    Ok(())
}

#[test]
fn a_taken_port_is_named_with_the_way_out() -> Outcome {
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = other.local_addr()?.port();
    let output = run_service("exit 0", port)?;
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr)?;
    assert!(words.contains(&format!("port {port} is taken")), "{words}");
    assert!(words.contains("SERVICE_PORT=8005 make run"), "{words}");
    Ok(())
}

/// Runs a shell script in place of the product.
fn run_service(script: &str, port: u16) -> Result<Output, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let service = folder.path().join("service");
    fs::write(&service, format!("#!/bin/sh\n{script}\n"))?;
    fs::set_permissions(&service, fs::Permissions::from_mode(0o755))?;
    run(&service, folder.path(), port)
}

fn run(service: &Path, folder: &Path, port: u16) -> Result<Output, Box<dyn Error>> {
    let output = Command::new(PROGRAM)
        .args(["run", "--service"])
        .arg(service)
        .arg("--data")
        .arg(folder.join("data"))
        .env("SERVICE_PORT", port.to_string())
        // A given database is not looked at, and the script does not either.
        .env("DATABASE_URL", "postgres://nobody@localhost/none")
        .output()?;
    Ok(output)
}

fn with_postgres(script: &str) -> Result<Child, Box<dyn Error>> {
    let child = Command::new(PROGRAM)
        .args(["with", "postgres", "--", "sh", "-c", script])
        .stdout(Stdio::piped())
        .spawn()?;
    Ok(child)
}

fn first_line(child: &mut Child) -> Result<String, Box<dyn Error>> {
    let output = child.stdout.take().ok_or("no output")?;
    let line = BufReader::new(output).lines().next().ok_or("no line")??;
    Ok(line)
}
