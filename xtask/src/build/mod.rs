//! `cargo xtask build`: the npm package in pkg/ and its tarball.
//!
//! Rust → wasm (`wasm`) → glue and inlined bytes (`glue`) → TypeScript → pkg/ (`package`) → sizes (`sizes`).

mod glue;
mod manifest;
mod package;
mod sizes;
mod wasm;

pub use wasm::KINDS;

use crate::run::step;
use crate::{places, tools};
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::path::PathBuf;

/// Builds what has changed since the last time, and returns the path of the tarball.
pub fn build() -> Result<PathBuf> {
    let _alone = only_one_at_a_time()?;
    let manifest = manifest::Manifest::read()?;
    step("tools", || {
        tools::rust_targets(&["wasm32-unknown-unknown"])?;
        let installed = tools::npm_ci(&places::template())?;
        Ok(if installed { "npm packages installed" } else { "ready" }.into())
    })?;
    let mut modules = Vec::new();
    for kind in wasm::KINDS.iter().filter(|kind| manifest.has_feature(kind.feature)) {
        step(&format!("wasm {}", kind.name), || {
            let (module, made) = wasm::build(kind, &manifest)?;
            modules.push(module);
            Ok(done(made))
        })?;
    }
    step("typescript", || package::compile().map(done))?;
    let tarball = package::tarball_path(&manifest);
    step("package", || package::assemble(&manifest, &tarball).map(done))?;
    package::link_for_tests()?;
    sizes::report(&modules, &tarball)?;
    Ok(tarball)
}

fn done(made: bool) -> String {
    if made { "built" } else { "unchanged" }.into()
}

/// Two builds in one clone would write the same files: the second waits.
fn only_one_at_a_time() -> Result<File> {
    let lock = places::package().join(".lock");
    fs::create_dir_all(places::package())?;
    let file = File::create(&lock).with_context(|| format!("could not write {}", places::shown(&lock)))?;
    file.lock()?;
    Ok(file)
}
