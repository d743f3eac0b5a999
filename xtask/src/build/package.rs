//! Builds pkg/ and its tarball from TypeScript.

use super::manifest::Manifest;
use crate::platforms::{PLATFORMS, Platform};
use crate::stamp::Inputs;
use crate::{places, tools};
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Files in the root that every package contains.
const FROM_ROOT: &[&str] = &["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// Folders in src/ that the build fills.
const GENERATED: &[&str] = &["core/generated", "node/routes/pac/generated"];

/// Returns the compiler's output folder. It is next to src/, because source maps refer to their sources by relative paths.
fn compiled() -> PathBuf {
    places::template().join("dist")
}

/// Returns the folder with the files that users import.
fn published() -> PathBuf {
    places::package().join("dist")
}

/// Compiles the TypeScript sources and bundles them. Returns whether there was anything to do.
pub fn compile() -> Result<bool> {
    let template = places::template();
    let dist = compiled();
    Inputs::of("tsc")
        .folder(&template.join("src"))
        .file(&template.join("tsconfig.json"))
        .file(&template.join("package-lock.json"))
        .value(include_str!("bundle.mjs"))
        .unless_fresh(&dist, &[dist.join("index.js"), published().join("index.js")], || {
            fs::create_dir_all(&dist)?;
            let checked = tools::npm_bin(&template, "tsc")
                .arg("--project")
                .arg(template.join("tsconfig.json"))
                .run()
                .context("the TypeScript sources do not compile");
            // Copied even after an error, so that the emitted code can be tried out.
            copy_generated()?;
            remove_leftovers()?;
            bundle(&dist)?;
            checked.map(|_| ())
        })
}

/// Bundles almost two hundred modules into the few published files, with the types of each module.
fn bundle(modules: &Path) -> Result<()> {
    let made = places::target().join("bundle");
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    tools::node()?
        .args(["--input-type=module", "--eval", include_str!("bundle.mjs"), "--"])
        .args([&places::template().join("node_modules"), modules, &made])
        .run()
        .context("the modules could not be bundled")?;
    mirror(&made, &published())
}

/// The compiler reads the types of the generated scripts but does not copy the scripts.
fn copy_generated() -> Result<()> {
    for folder in GENERATED {
        let target = compiled().join(folder);
        fs::create_dir_all(&target)?;
        for file in places::files_below(&places::template().join("src").join(folder)) {
            let name = file.file_name().unwrap_or_default();
            if file.extension().is_some_and(|kind| kind != "wasm") {
                fs::copy(&file, target.join(name))?;
            }
        }
    }
    Ok(())
}

/// Removes the output of deleted sources.
fn remove_leftovers() -> Result<()> {
    let (dist, src) = (compiled(), places::template().join("src"));
    for file in places::files_below(&dist) {
        let relative = file.strip_prefix(&dist)?;
        let name = relative.to_string_lossy();
        let stem = [".d.ts.map", ".js.map", ".d.ts", ".js"].iter().find_map(|end| name.strip_suffix(end));
        let source = stem.map(|stem| src.join(format!("{stem}.ts")));
        if !src.join(relative).exists() && !source.is_some_and(|source| source.exists()) {
            fs::remove_file(&file)?;
        }
    }
    Ok(())
}

pub fn tarball_path(manifest: &Manifest) -> PathBuf {
    places::package().join(format!("ntlm-wasm-{}.tgz", manifest.version))
}

/// Fills pkg/ and packs it. Returns whether there was anything to do.
pub fn assemble(manifest: &Manifest, tarball: &Path) -> Result<bool> {
    let (root, template, package) = (places::root(), places::template(), places::package());
    let inputs = Inputs::of("pack")
        .value(&manifest.version)
        .value(built_addons())
        .value(include_str!("package.rs"))
        .file(&package.join("THIRD-PARTY-LICENSES"))
        .file(&template.join("package.json"))
        .file(&template.join("README.md"))
        .folder(&template.join("docs"))
        .folder(&template.join("src"))
        .folder(&published());
    let inputs = FROM_ROOT.iter().fold(inputs, |inputs, name| inputs.file(&root.join(name)));
    inputs.unless_fresh(&package, &[tarball.to_owned(), package.join("package.json")], || {
        mirror(&template.join("docs"), &package.join("docs"))?;
        mirror(&template.join("src"), &package.join("src"))?;
        // Source maps refer to no generated file, and the module need not be included twice.
        for folder in GENERATED {
            fs::remove_dir_all(package.join("src").join(folder))?;
        }
        for name in FROM_ROOT.iter().filter(|name| root.join(name).exists()) {
            fs::copy(root.join(name), package.join(name))?;
        }
        fs::copy(template.join("README.md"), package.join("README.md"))?;
        fs::write(package.join("package.json"), published_manifest(manifest)?)?;
        for old in places::files_below(&package).iter().filter(|file| file.extension().is_some_and(|e| e == "tgz")) {
            fs::remove_file(old)?;
        }
        tools::npm(&package).args(["pack", "--ignore-scripts"]).run().context("npm could not pack pkg/")?;
        Ok(())
    })
}

/// Lets everything below tests/ import the package by name, and the package its dependencies.
pub fn link_for_tests() -> Result<()> {
    let (root, package, template) = (places::root(), places::package(), places::template());
    fs::create_dir_all(root.join("tests/node_modules"))?;
    tools::link_folder(&root.join("tests/node_modules/ntlm-wasm"), &package, "../../pkg")?;
    tools::link_folder(&package.join("node_modules"), &template.join("node_modules"), "../pkg-template/node_modules")
}

/// Returns the template's package.json with the crate's version, without the parts for development. The addons must have exactly
/// this version, because different versions do not work together.
fn published_manifest(manifest: &Manifest) -> Result<String> {
    let text = fs::read_to_string(places::template().join("package.json"))?;
    let mut json: Value = serde_json::from_str(&text).context("pkg-template/package.json is not JSON")?;
    let fields = json.as_object_mut().context("pkg-template/package.json is not an object")?;
    fields.insert("version".into(), manifest.version.clone().into());
    let addons: serde_json::Map<_, _> =
        built_addons().into_iter().map(|name| (name, manifest.version.clone().into())).collect();
    if !addons.is_empty() {
        fields.insert("optionalDependencies".into(), Value::Object(addons));
    }
    for developers in ["devDependencies", "scripts", "private"] {
        fields.shift_remove(developers);
    }
    Ok(serde_json::to_string_pretty(&json)? + "\n")
}

/// Returns the addons that have been built and will be published with the package; `release` checks that none is missing.
/// An addon missing from a registry would make yarn fail, and make npm wait for a registry that does not respond.
fn built_addons() -> Vec<String> {
    let built = |platform: &&Platform| places::addons().join(platform.name).join("package.json").exists();
    PLATFORMS.iter().filter(built).map(Platform::package).collect()
}

/// Makes `to` equal to `from`, file by file, so that a concurrent reader never finds it empty.
fn mirror(from: &Path, to: &Path) -> Result<()> {
    let mut wanted = BTreeSet::new();
    for file in places::files_below(from) {
        let target = to.join(file.strip_prefix(from)?);
        let contents = fs::read(&file)?;
        if fs::read(&target).ok().as_ref() != Some(&contents) {
            fs::create_dir_all(target.parent().context("a file is in a folder")?)?;
            fs::write(&target, contents)?;
        }
        wanted.insert(target);
    }
    for file in places::files_below(to) {
        if !wanted.contains(&file) {
            fs::remove_file(file)?;
        }
    }
    Ok(())
}
