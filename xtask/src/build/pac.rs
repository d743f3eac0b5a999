//! Builds the interpreter for PAC files as one generated module of the package.

use crate::stamp::Inputs;
use crate::{places, tools};
use anyhow::{Context, Result};

/// Bundles the worker's code and compresses QuickJS. Returns whether there was anything to do.
pub fn build() -> Result<bool> {
    let template = places::template();
    let sources = template.join("src/node/routes/pac");
    let generated = sources.join("generated");
    let engine = generated.join("engine.js");
    Inputs::of("pac")
        .value(include_str!("pac.mjs"))
        .file(&sources.join("sandbox.ts"))
        .file(&sources.join("worker.ts"))
        .file(&template.join("package-lock.json"))
        .unless_fresh(&generated, &[engine.clone(), generated.join("engine.d.ts")], || {
            tools::node()?
                .args(["--input-type=module", "--eval", include_str!("pac.mjs"), "--"])
                .args([&sources, &template.join("node_modules"), &engine])
                .run()
                .context("the PAC engine could not be bundled")?;
            Ok(())
        })
}
