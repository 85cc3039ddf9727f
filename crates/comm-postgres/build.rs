//! The migrations are embedded: a new one must lead to a new binary.
#![expect(clippy::print_stdout, reason = "how a build script talks to Cargo")]

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
