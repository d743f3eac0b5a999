//! Builds the library that the package evaluates at its first use, as one generated module.

use crate::stamp::Inputs;
use crate::{places, tools};
use anyhow::{Context, Result};

/// Wraps the library in a function. Returns whether there was anything to do.
pub fn build() -> Result<bool> {
    let generated = places::generated();
    let made = [generated.join("fflate.js"), generated.join("fflate.d.ts")];
    Inputs::of("fflate")
        .value(include_str!("deferred.mjs"))
        .file(&places::template().join("package-lock.json"))
        .unless_fresh(&generated, &made, || {
            tools::node()?
                .args(["--input-type=module", "--eval", include_str!("deferred.mjs"), "--"])
                .args([&places::template().join("node_modules"), &generated])
                .run()
                .context("fflate could not be bundled")?;
            Ok(())
        })
}
