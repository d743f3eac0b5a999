//! `cargo xtask mutants`: changes the core in one place at a time and expects a test to fail each time.

use crate::places;
use crate::tools;
use anyhow::{Context, Result};
use std::fs;

/// Files in which an undetected change could bypass authentication or leak a secret.
const FILES: &[&str] = &[
    "src/ntlm/keys.rs",
    "src/ntlm/seal.rs",
    "src/ntlm/client.rs",
    "src/ntlm/response.rs",
    "src/ntlm/server.rs",
    "src/ntlm/verify.rs",
    "src/spnego/*.rs",
    "src/http/authenticator.rs",
];

/// Tests that take long and cover breadth.
const SKIPPED: &[&str] = &["oracles", "explain"];

/// A test that takes longer is considered hung, which counts as detected.
const TIMEOUT_SECONDS: &str = "60";

pub fn mutants(only: &[String]) -> Result<()> {
    let there = tools::cargo().args(["mutants", "--version"]).finish().is_ok_and(|finished| finished.success);
    if !there {
        tools::cargo()
            .args(["install", "cargo-mutants", "--locked"])
            .run()
            .context("cargo-mutants could not be installed: type `cargo install cargo-mutants` to see more")?;
    }
    let output = places::target().join("mutants");
    fs::create_dir_all(&output)?;
    let mut program = tools::cargo().dir(places::root()).args(["mutants", "--jobs", "1", "--timeout"]);
    program = program.arg(TIMEOUT_SECONDS).arg("--output").arg(&output);
    let files: Vec<_> =
        if only.is_empty() { FILES.iter().map(|file| (*file).to_owned()).collect() } else { only.to_vec() };
    for file in files {
        program = program.arg("--file").arg(file);
    }
    program = program.args(["--", "--test", "core", "--"]);
    for name in SKIPPED {
        program = program.args(["--skip", name]);
    }
    program.show().context(
        "where a change was not noticed, write the test that says what it breaks, or into tests/core/README.md why it may be",
    )
}
