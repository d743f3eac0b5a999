//! The Windows tests, run by Wine. tests/windows/wine installs what they need.

use super::{Outcome, Tally, cargo, node};
use crate::platforms::Platform;
use crate::run::Program;
use crate::{addon, places, tools};
use anyhow::{Result, ensure};

const TARGET: &str = "x86_64-pc-windows-gnu";
/// The addons that the tests load: Windows', this machine's for Electron, and one for an emulated machine.
const ADDONS: &[&str] = &["win32-x64", "linux-x64-gnu", "linux-arm64-gnu"];
/// The exit code of tests/windows/wine if this machine cannot run it; the reason is the last line of its standard error.
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
    tools::rust_targets(&[TARGET])?;
    for name in ADDONS {
        addon::make(Platform::named(name)?, false)?;
    }
    let rust = rust_tests()?;
    // The programs that are lab clients in the interop suite run here as Windows programs.
    tools::npm_ci(&places::root().join("tests/interop"))?;
    match node::test("tests/windows")? {
        Outcome::Ran(node) => Ok(Outcome::Ran(rust.and(node))),
        cannot => Ok(cannot),
    }
}

/// Runs the crate's SSPI tests.
fn rust_tests() -> Result<Tally> {
    let runner = format!("{} run", places::root().join("tests/windows/wine").display());
    let cargo = tools::cargo().env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", runner);
    cargo::test_with(
        cargo,
        &["-p", "ntlm-wasm", "--target", TARGET, "--features", "sspi", "--lib", "--test", "core", "sspi"],
    )
}

fn wine(command: &str) -> Program {
    Program::new(places::root().join("tests/windows/wine")).arg(command)
}
