//! The migrations are embedded: a new one must lead to a new binary.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
