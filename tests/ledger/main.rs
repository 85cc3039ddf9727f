//! The ledger: a process of its own that is given a scene's journal on its standard input and answers a verdict in
//! JSON. It knows HTTP answers, the mail server's record and the topic, and neither the service's code
//! nor its tables. The journal has one JSON object a line; `book` says which.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the verdict is this program's output"
)]

mod audit;
mod book;
mod events;
mod verdict;

use book::Book;
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    match io::read_to_string(io::stdin()).map(|text| Book::read(&text)) {
        Ok(Ok(book)) => {
            println!("{}", audit::audit(&book).to_json());
            ExitCode::SUCCESS
        }
        Ok(Err(reason)) => refuse(&reason),
        Err(error) => refuse(&error.to_string()),
    }
}

fn refuse(reason: &str) -> ExitCode {
    eprintln!("ledger: the journal cannot be read: {reason}");
    ExitCode::FAILURE
}
