//! `cargo xtask build`: the npm package in pkg/ and its tarball, and the page in www/dist/.
//!
//! Rust → wasm, wasm-bindgen's glue, and the bytes in base64 (`wasm`), fflate (`deferred`), PAC engine (`pac`) → TypeScript → bundles → pkg/ (`package`) →
//! www/dist/ (`page`) → sizes (`sizes`).

mod deferred;
mod errors;
mod manifest;
mod one_file;
mod pac;
mod package;
mod page;
mod site;
mod sizes;
mod wasm;

use crate::run::step;
use crate::{places, tools};
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::path::PathBuf;

/// The results of a build.
pub struct Built {
    modules: Vec<wasm::Module>,
    pub tarball: PathBuf,
}

impl Built {
    pub fn weigh(&self) -> Result<sizes::Weighed> {
        sizes::weigh(&self.modules, &self.tarball)
    }
}

/// `cargo xtask build`: makes the package and prints its sizes. Exceeding a size budget is an error.
pub fn build() -> Result<()> {
    let built = make()?;
    step("documentation site", site)?;
    let weighed = built.weigh()?;
    println!("\n{}", weighed.table);
    weighed.verdict()
}

/// Builds what has changed since the last build.
pub fn make() -> Result<Built> {
    let _alone = only_one_at_a_time()?;
    let manifest = manifest::Manifest::read()?;
    step("tools", || {
        tools::node()?;
        tools::rust_targets(&["wasm32-unknown-unknown"])?;
        let installed = tools::npm_ci(&places::template())?;
        Ok(if installed { "npm packages installed" } else { "ready" }.into())
    })?;
    let mut modules = Vec::new();
    for kind in kinds()? {
        step(&format!("wasm {}", kind.name), || {
            let (module, made) = wasm::build(kind, &manifest, &places::generated())?;
            modules.push(module);
            Ok(done(made))
        })?;
    }
    step("fflate", || deferred::build().map(done))?;
    step("pac engine", || pac::build().map(done))?;
    step("typescript", || package::compile().map(done))?;
    step("one file", || one_file::build(&manifest).map(done))?;
    let tarball = package::tarball_path(&manifest);
    step("package", || package::assemble(&manifest, &tarball).map(done))?;
    package::link_for_tests()?;
    step("page", || page::build().map(done))?;
    Ok(Built { modules, tarball })
}

/// Builds the documentation site. A broken link is an error.
pub fn site() -> Result<String> {
    site::build().map(done)
}

/// Returns the crate's version, which all its packages share.
pub fn crate_version() -> Result<String> {
    Ok(manifest::Manifest::read()?.version)
}

/// Returns the modules whose features the crate has.
pub fn kinds() -> Result<Vec<&'static wasm::Kind>> {
    let manifest = manifest::Manifest::read()?;
    Ok(wasm::KINDS.iter().filter(|kind| manifest.has_feature(kind.feature)).collect())
}

fn done(made: bool) -> String {
    if made { "built" } else { "unchanged" }.into()
}

/// Two builds in one clone would write the same files, so the second one waits.
fn only_one_at_a_time() -> Result<File> {
    let lock = places::package().join(".lock");
    fs::create_dir_all(places::package())?;
    let file = File::create(&lock).with_context(|| format!("could not write {}", places::shown(&lock)))?;
    if file.try_lock().is_err() {
        println!("waiting for another build in this clone");
        file.lock()?;
    }
    Ok(file)
}
