//! Suites run by `cargo test`.

use super::{Outcome, Tally};
use crate::run::Program;
use crate::tools;
use anyhow::Result;

pub fn test(options: &[&str]) -> Result<Outcome> {
    Ok(Outcome::Ran(test_with(tools::cargo(), options)?))
}

/// Runs the tests with a cargo that can execute programs for another system.
pub fn test_with(cargo: Program, options: &[&str]) -> Result<Tally> {
    let finished = cargo.args(["test", "--no-fail-fast"]).args(options).finish()?;
    let mut tally = tally(&finished.stdout);
    if !finished.success {
        // A test program that did not compile or was killed prints no result line.
        tally.failed = tally.failed.max(1);
        tally.report = finished.output();
    }
    Ok(tally)
}

/// Returns the sum of lines such as `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
fn tally(output: &str) -> Tally {
    let mut tally = Tally::default();
    for line in output.lines().filter(|line| line.starts_with("test result: ")) {
        let words: Vec<_> = line.split_whitespace().collect();
        for pair in words.windows(2) {
            let count = pair[0].parse().unwrap_or(0);
            match pair[1].trim_end_matches(';') {
                "passed" => tally.passed += count,
                "failed" => tally.failed += count,
                "ignored" => tally.skipped += count,
                _ => {}
            }
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_test_programs_are_added() {
        let output = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
            test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 7 filtered out; finished in 0.1s";
        assert_eq!(tally(output), Tally { passed: 5, failed: 1, skipped: 1, report: String::new() });
    }
}
