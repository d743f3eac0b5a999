//! `cargo xtask bench`: builds what is measured and runs tests/bench. The report is written to target/bench.

use crate::run::step;
use crate::{build, places, tools};
use anyhow::{Context, Result};
use std::path::PathBuf;

/// px, another local proxy, for comparison.
const PX: &[&str] = &["px-proxy==0.13.0"];

pub fn bench(quick: bool, write: bool, only: &[String]) -> Result<()> {
    build::make()?;
    let folder = places::root().join("tests/bench");
    step("peers", || Ok(if tools::npm_ci(&folder)? { "installed" } else { "up to date" }.to_owned()))?;
    let mut native = PathBuf::new();
    step("native contenders", || {
        native = build_native(quick)?;
        Ok("built".to_owned())
    })?;
    // A missing px does not stop the benchmark: the report lists what is missing.
    step("px", || {
        Ok(tools::python("px", PX, "px").map_or_else(|error| format!("left out: {error:#}"), |_| "ready".to_owned()))
    })?;
    let mut run = tools::node()?.arg(folder.join("run.mjs")).arg("--target").arg(places::target());
    run = run.arg("--native").arg(native);
    if quick {
        run = run.arg("--quick");
    }
    if !only.is_empty() {
        run = run.arg("--only").arg(only.join(","));
    }
    if write {
        run = run.arg("--write");
    }
    run.show()?;
    println!("\nthe whole report: {}", places::shown(&places::target().join("bench/report.md")));
    Ok(())
}

/// Builds the core and the bare digests, and unless `quick` the sspi crate, which takes minutes to compile.
fn build_native(quick: bool) -> Result<PathBuf> {
    let target = places::target().join("bench-native");
    let mut cargo = tools::cargo().dir(places::root().join("tests/bench/native"));
    cargo = cargo.args(["build", "--release", "--locked", "--target-dir"]).arg(&target);
    if !quick {
        cargo = cargo.args(["--features", "sspi"]);
    }
    cargo.run().context("the native contenders of the benchmark do not build")?;
    Ok(target.join("release").join(format!("ntlm-wasm-bench-native{}", std::env::consts::EXE_SUFFIX)))
}
