//! Builds the parts of fflate that the package evaluates at their first use, as generated modules.

use crate::stamp::Inputs;
use crate::{places, tools};
use anyhow::{Context, Result};

/// Wraps each part in a function. Returns whether there was anything to do.
pub fn build() -> Result<bool> {
    let generated = places::generated();
    let made = ["fflate-archives.js", "fflate-archives.d.ts", "fflate-inflate.js"].map(|name| generated.join(name));
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
