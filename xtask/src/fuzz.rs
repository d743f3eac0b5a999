//! `cargo xtask fuzz`: searches for inputs that violate a guarantee in `tests/fuzz/oracles`.
//!
//! The fuzzer is libFuzzer, linked by libfuzzer-sys. It needs only the compiler's coverage counters, so the stable toolchain is
//! sufficient. A C++ compiler is required.

use crate::places;
use crate::run::{Program, step};
use crate::tools;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// Compiler flags that count the branches taken and trace comparisons.
const INSTRUMENTATION: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];

/// Runs the named oracles, or all, for this many minutes each. The corpus is kept for the next run.
pub fn fuzz(minutes: f64, only: &[String]) -> Result<()> {
    let folder = places::root().join("tests/fuzz");
    let mut known = names(&folder)?;
    known.push(UNWRAP.to_owned());
    if let Some(unknown) = only.iter().find(|name| !known.contains(name)) {
        bail!("there is no target {unknown}; there are {}", known.join(", "));
    }
    let wanted = |name: &String| only.is_empty() || only.contains(name);
    let oracles: Vec<_> = known.iter().filter(|name| *name != UNWRAP && wanted(name)).collect();
    if !oracles.is_empty() {
        let mut program = PathBuf::new();
        step("fuzzer", || {
            program = build(&folder)?;
            Ok("built".to_owned())
        })?;
        for name in oracles {
            step(name, || run(&folder, &program, name, minutes))?;
        }
    }
    if wanted(&UNWRAP.to_owned()) {
        step(UNWRAP, || unwrap(minutes))?;
    }
    Ok(())
}

/// The JavaScript target: input for the decoder.
const UNWRAP: &str = "unwrap";

/// Mutates inputs for the decoder. The package must be built first.
fn unwrap(minutes: f64) -> Result<String> {
    let script = places::root().join("tests/js/decode/fuzz.mjs");
    tools::npm_ci(&places::root().join("tests/js"))?;
    let output = tools::node()?.arg(script).arg(format!("{:.0}", minutes * 60.0)).run()?;
    Ok(output.trim().to_owned())
}

/// Returns the oracles, from the table that declares them.
fn names(folder: &Path) -> Result<Vec<String>> {
    let table = fs::read_to_string(folder.join("oracles/mod.rs")).context("tests/fuzz/oracles is missing")?;
    let entries = table.lines().filter_map(|line| line.trim().strip_prefix("(\"")?.split_once('"'));
    Ok(entries.map(|(name, _)| name.to_owned()).collect())
}

fn build(folder: &Path) -> Result<PathBuf> {
    let version = Program::new("rustc").arg("-vV").run()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc does not name its host")?;
    let target = places::target().join("fuzz");
    // With --target the flags apply only to the fuzzer, not to build scripts.
    tools::cargo()
        .dir(folder)
        .args(["build", "--release", "--locked", "--target", host, "--target-dir"])
        .arg(&target)
        .env("RUSTFLAGS", INSTRUMENTATION.join(" "))
        .run()
        .context("the fuzzer needs a C++ compiler, such as g++ or clang++")?;
    Ok(target.join(host).join("release/oracle"))
}

fn run(folder: &Path, program: &Path, name: &str, minutes: f64) -> Result<String> {
    let (corpus, artifacts) = (folder.join("corpus").join(name), folder.join("artifacts").join(name));
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    // New inputs are written to the first folder; the others are seeds.
    let mut folders = vec![corpus];
    folders.extend([folder.join("regressions").join(name)].into_iter().filter(|path| path.is_dir()));
    let finished = Program::new(program)
        .env("ORACLE", name)
        .args([format!("-max_total_time={:.0}", minutes * 60.0), "-timeout=10".into(), "-print_final_stats=1".into()])
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args(folders)
        .finish()?;
    ensure!(
        finished.success,
        "{name} broke a promise; the input is in {}. Once it is fixed, move the input to tests/fuzz/regressions/{name}\n{}",
        places::shown(&artifacts),
        finished.output()
    );
    let executed = finished.stderr.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units: "));
    Ok(format!("{} inputs", executed.unwrap_or("?").trim()))
}
