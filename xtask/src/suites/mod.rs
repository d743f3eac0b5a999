//! `cargo xtask test`: runs all suites and prints one line for each.

mod cargo;
mod interop;
mod node;
mod sso;
mod windows;

use crate::build;
use crate::run::step;
use anyhow::{Result, bail};
use std::env;

/// The test results of one suite.
#[derive(Debug, Default, PartialEq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
    /// The text below the suite's line, usually failures.
    pub report: String,
}

impl Tally {
    /// Adds two results.
    fn and(self, other: Self) -> Self {
        let report = [self.report, other.report].into_iter().filter(|report| !report.is_empty()).collect::<Vec<_>>();
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
            report: report.join("\n\n"),
        }
    }
}

/// The outcome of a suite.
enum Outcome {
    Ran(Tally),
    /// The machine cannot run it, for this reason.
    Cannot(String),
}

struct Suite {
    name: &'static str,
    run: fn() -> Result<Outcome>,
}

/// The order puts the suites that find faults soonest first.
const SUITES: &[Suite] = &[
    Suite { name: "core", run: || cargo::test(&["-p", "ntlm-wasm"]) },
    Suite {
        name: "core-without-std",
        run: || cargo::test(&["-p", "ntlm-wasm", "--lib", "--tests", "--no-default-features", "--features", "explain"]),
    },
    Suite { name: "commands", run: || cargo::test(&["-p", "xtask"]) },
    Suite { name: "javascript", run: || node::test("tests/js") },
    Suite { name: "shells", run: node::shells },
    Suite { name: "system", run: node::system },
    Suite { name: "packaging", run: || node::test("tests/packaging") },
    Suite { name: "runtimes", run: node::runtimes },
    Suite { name: "browser", run: node::browser },
    Suite { name: "interop", run: interop::test },
    Suite { name: "sso", run: sso::test },
    Suite { name: "windows", run: windows::test },
];

/// Runs the suites whose name contains one of `only`, or all of them.
pub fn test(only: &[String], list: bool) -> Result<()> {
    let chosen = |suite: &&Suite| only.is_empty() || only.iter().any(|word| suite.name.contains(word.as_str()));
    let suites: Vec<_> = SUITES.iter().filter(chosen).collect();
    if list || suites.is_empty() {
        SUITES.iter().for_each(|suite| println!("{}", suite.name));
        return if list { Ok(()) } else { bail!("no suite is called {}: above are their names", only.join(" or ")) };
    }
    build::make()?;
    let (mut passed, mut failed) = (0, 0);
    for suite in suites {
        let tally = run(suite);
        passed += tally.passed;
        failed += tally.failed;
        if !tally.report.is_empty() {
            println!("\n{}\n", tally.report);
        }
    }
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { bail!("{failed} tests failed") }
}

/// Accepts the page as it looks now.
pub fn accept_pictures() -> Result<()> {
    build::make()?;
    node::accept_pictures()
}

/// Runs one suite. Any error counts as its failure, and the other suites still run.
fn run(suite: &Suite) -> Tally {
    let mut tally = Tally::default();
    let result = step(suite.name, || {
        match (suite.run)()? {
            Outcome::Ran(ran) => tally = ran,
            Outcome::Cannot(reason) if in_ci() => bail!("cannot run here, which counts as a failure in CI: {reason}"),
            Outcome::Cannot(reason) => return Ok(format!("not run: {reason}")),
        }
        if in_ci() && tally.skipped > 0 {
            tally.failed += tally.skipped;
            tally.report.push_str("\nskipped tests count as failures in CI");
        }
        let skipped = if tally.skipped > 0 { format!(", {} skipped", tally.skipped) } else { String::new() };
        let said = format!("{} passed, {} failed{skipped}", tally.passed, tally.failed);
        Ok(said)
    });
    if let Err(error) = result {
        tally.failed = tally.failed.max(1);
        tally.report = format!("{error:#}");
    }
    tally
}

fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}
