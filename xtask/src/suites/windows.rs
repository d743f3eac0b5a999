//! The Windows half, run by Wine. What that takes is installed by tests/windows/wine.

use super::{Outcome, node};
use crate::places;
use crate::run::Program;
use crate::tools;
use anyhow::{Result, ensure};

/// How tests/windows/wine says that this machine cannot run it; the reason is the last line of its errors.
const CANNOT: i32 = 3;

pub fn test() -> Result<Outcome> {
    let up = wine("up").finish()?;
    if up.code == Some(CANNOT) {
        return Ok(Outcome::Cannot(up.stderr.lines().last().unwrap_or_default().to_owned()));
    }
    ensure!(up.success, "Windows programs cannot be run: `tests/windows/wine up` failed:\n{}", up.output());
    let outcome = run();
    wine("down").run()?;
    outcome
}

fn run() -> Result<Outcome> {
    // The programs that are run as clients of the lab there are run as Windows programs here.
    tools::npm_ci(&places::root().join("tests/interop"))?;
    node::test("tests/windows")
}

fn wine(command: &str) -> Program {
    Program::new(places::root().join("tests/windows/wine")).arg(command)
}
