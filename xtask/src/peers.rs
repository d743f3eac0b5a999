//! `cargo xtask peers`: runs the test suites of other projects without and with the package, and compares.

use crate::{build, places, tools};
use anyhow::{Result, bail};
use std::path::Path;

/// Runs the suites. `sources` has a folder for each, with its dependencies installed; see `tests/peers/README.md`.
pub fn peers(sources: &Path, only: &[String]) -> Result<()> {
    if !sources.is_dir() {
        bail!("{} is not a folder: see tests/peers/README.md", places::shown(sources));
    }
    build::make()?;
    tools::node()?
        .arg(places::root().join("tests/peers/run.mjs"))
        .arg("--sources")
        .arg(sources)
        .arg("--package")
        .arg(places::root().join("pkg"))
        .arg("--out")
        .arg(places::target().join("peers/report.md"))
        .args(only)
        .show()?;
    Ok(())
}
