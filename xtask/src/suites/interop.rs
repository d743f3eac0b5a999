//! The suite against real servers and clients. It is in tests/interop and starts the servers it needs.

use super::{Outcome, Tally};
use crate::places;
use crate::run::Program;
use crate::tools;
use anyhow::{Result, bail};

/// The exit code of tests/interop/run if this machine cannot run it; the reason is its last line.
const CANNOT: i32 = 3;

pub fn test() -> Result<Outcome> {
    let dir = places::root().join("tests/interop");
    if dir.join("package-lock.json").exists() {
        tools::npm_ci(&dir)?;
    }
    let finished = Program::new(dir.join("run")).finish()?;
    let last = finished.stdout.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if finished.code == Some(CANNOT) {
        let reason = if last.is_empty() { finished.stderr.trim() } else { last };
        return Ok(Outcome::Cannot(reason.to_owned()));
    }
    let Some((passed, failed)) = numbers(last) else {
        bail!("tests/interop/run did not end with `N passed, N failed`:\n{}", finished.output());
    };
    // The compatibility tables are printed even if all tests pass.
    let tables = finished.stdout.find("### ").map_or("", |at| &finished.stdout[at..]);
    let failed = if finished.success { failed } else { failed.max(1) };
    let report =
        if failed > 0 { finished.output() } else { tables.trim_end().trim_end_matches(last).trim_end().to_owned() };
    Ok(Outcome::Ran(Tally { passed, failed, skipped: 0, report }))
}

fn numbers(line: &str) -> Option<(u64, u64)> {
    let (passed, failed) = line.split_once(" passed, ")?;
    Some((passed.trim().parse().ok()?, failed.trim().strip_suffix(" failed")?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn the_last_line_has_the_numbers() {
        assert_eq!(numbers("120 passed, 3 failed"), Some((120, 3)));
        assert_eq!(numbers("all is well"), None);
    }
}
