//! Tools in Python, which `.ci/python` puts into the user's cache.

use crate::files;
use std::path::PathBuf;
use std::process::Output;
use tokio::process::Command;

const LIST: &str = ".ci/python-packages.txt";

/// A command of the installed tools.
pub(crate) fn tool(name: &str) -> Command {
    let home = std::env::home_dir().unwrap();
    let tools = home.join(".cache/communication-service/python");
    let installed = std::fs::read_to_string(tools.join("complete")).unwrap_or_default();
    assert!(
        installed == files::text(LIST),
        "The Python tools of {LIST} are not installed. Type: bash .ci/install python && bash .ci/python"
    );
    let bin: PathBuf = tools.join("bin");
    let mut path = vec![bin.clone()];
    let others = comm_devkit::env_var("PATH").unwrap_or_default();
    path.extend(std::env::split_paths(&others));
    let mut command = Command::new(bin.join(name));
    command
        .env("PATH", std::env::join_paths(path).unwrap())
        .kill_on_drop(true);
    command
}

/// Runs it to its end; fails with all that it said unless it succeeds.
pub(crate) async fn succeed(mut command: Command) -> Output {
    let output = command.output().await.unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
