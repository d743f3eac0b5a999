//! `cargo xtask coverage`: measures how much of the core its tests cover.

use crate::places;
use crate::tools;
use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The minimum line coverage of the core, in percent.
const LEAST: f64 = 95.0;

/// Files that the core's tests do not cover: the bindings and the system's mechanism have separate suites.
const ELSEWHERE: &[&str] = &["src/bind/", "src/sspi/"];

pub fn coverage() -> Result<()> {
    let report = tools::cargo()
        .args(["llvm-cov", "-p", "ntlm-wasm", "--test", "core", "--json", "--summary-only"])
        .run()
        .context("type `cargo install cargo-llvm-cov` and `rustup component add llvm-tools`, then try again")?;
    let report: Value = serde_json::from_str(&report).context("cargo llvm-cov did not answer in JSON")?;
    let files = files(&report);
    ensure!(!files.is_empty(), "no file of the core was measured");
    for file in &files {
        println!("{:>6.2} %  {:>5} of {:>5} lines  {}", file.percent(), file.covered, file.lines, file.name);
    }
    let whole = files.iter().fold(Covered::default(), |sum, file| Covered {
        name: sum.name,
        lines: sum.lines + file.lines,
        covered: sum.covered + file.covered,
    });
    println!("{:>6.2} %  {:>5} of {:>5} lines  the core", whole.percent(), whole.covered, whole.lines);
    ensure!(whole.percent() >= LEAST, "less than {LEAST} % of the core's lines are run by its tests");
    Ok(())
}

/// The line counts of one file.
#[derive(Debug, Default, PartialEq)]
struct Covered {
    name: String,
    lines: u64,
    covered: u64,
}

impl Covered {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand lines")]
    fn percent(&self) -> f64 {
        if self.lines == 0 { 100.0 } else { self.covered as f64 * 100.0 / self.lines as f64 }
    }
}

fn files(report: &Value) -> Vec<Covered> {
    let root = places::root();
    let files = report["data"][0]["files"].as_array().into_iter().flatten();
    files
        .filter_map(|file| {
            let name = file["filename"].as_str()?.strip_prefix(root.to_str()?)?.trim_start_matches('/').to_owned();
            let lines = &file["summary"]["lines"];
            let ours = name.starts_with("src/") && !ELSEWHERE.iter().any(|folder| name.starts_with(folder));
            if !ours {
                return None;
            }
            Some(Covered { name, lines: lines["count"].as_u64()?, covered: lines["covered"].as_u64()? })
        })
        .collect()
}
