//! `cargo xtask prose`: checks style and spelling of documents, comments and messages.

use crate::{places, tools};
use anyhow::{Result, bail};

/// Checks the named files, or all committed files, with the rules in `xtask/prose`.
pub fn check(files: &[String]) -> Result<String> {
    let dir = places::root().join("xtask/prose");
    tools::npm_ci(&dir)?;
    let finished = tools::node()?.arg(dir.join("check.mjs")).args(files).finish()?;
    let output = finished.output();
    if finished.success {
        return Ok(output.trim().lines().last().unwrap_or_default().to_owned());
    }
    bail!("the rules are in xtask/prose/prh.yml, the words in xtask/prose/words.txt:\n{output}")
}
