//! Builds the command as one file, and collects the licences of everything bundled in the package.

use super::manifest::Manifest;
use super::wasm;
use crate::stamp::Inputs;
use crate::{places, tools};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the file in pkg/ that contains the whole command.
pub fn path() -> PathBuf {
    places::package().join("ntlm-wasm.cjs")
}

fn licences_path() -> PathBuf {
    places::package().join("THIRD-PARTY-LICENSES")
}

/// Builds both from the compiled modules. Returns whether there was anything to do.
pub fn build(manifest: &Manifest) -> Result<bool> {
    let (template, file) = (places::template(), path());
    let made = [file.clone(), PathBuf::from(format!("{}.sha256", file.display())), licences_path()];
    Inputs::of("one-file")
        .value(&manifest.version)
        .value((include_str!("one-file.mjs"), include_str!("one_file.rs")))
        .folder(&template.join("dist"))
        .file(&template.join("package-lock.json"))
        .file(&places::root().join("Cargo.lock"))
        .unless_fresh(&places::package(), &made, || {
            let inside = tools::node()?
                .args(["--input-type=module", "--eval", include_str!("one-file.mjs"), "--"])
                .args([&template.join("node_modules"), &template.join("dist"), &file])
                .arg(&manifest.version)
                .run()
                .context("the command could not be bundled into one file")?;
            let folders: Vec<PathBuf> = serde_json::from_str(inside.trim())?;
            let mut parts = BTreeMap::new();
            for folder in folders {
                npm_package(&folder, &mut parts)?;
            }
            crates(&mut parts)?;
            fs::write(licences_path(), page(&parts))?;
            Ok(())
        })
}

/// Name and version, and the licence text to print.
type Parts = BTreeMap<String, String>;

fn npm_package(folder: &Path, parts: &mut Parts) -> Result<()> {
    let manifest = fs::read_to_string(folder.join("package.json"))?;
    let manifest: Value = serde_json::from_str(&manifest)?;
    let text = |name: &str| manifest[name].as_str().unwrap_or_default().to_owned();
    let name = format!("{} {} (npm)", text("name"), text("version"));
    parts.insert(name, described(&text("license"), folder)?);
    Ok(())
}

/// Adds the crates that are compiled into the WebAssembly modules.
fn crates(parts: &mut Parts) -> Result<()> {
    let metadata = tools::cargo().args(["metadata", "--format-version", "1", "--locked", "--all-features"]).run()?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    for kind in wasm::KINDS {
        let tree = tools::cargo()
            .args(["tree", "-p", "ntlm-wasm", "--no-default-features", "--features", kind.feature])
            .args(["--target", "wasm32-unknown-unknown", "-e", "normal,no-proc-macro", "--prefix", "none"])
            .args(["--format", "{p}"])
            .run()?;
        for line in tree.lines() {
            let mut words = line.split(' ');
            let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
            let version = version.trim_start_matches('v');
            let package = metadata["packages"].as_array().into_iter().flatten().find(|package| {
                package["name"] == name && package["version"] == version && package["source"].is_string()
            });
            let Some(package) = package else { continue };
            let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap_or_default());
            let folder = manifest.parent().context("a manifest is in a folder")?;
            let licence = package["license"].as_str().unwrap_or_default();
            parts.insert(format!("{name} {version} (crate)"), described(licence, folder)?);
        }
    }
    Ok(())
}

/// Returns the licence name and the licence texts in the package. If one of several licences can be chosen, MIT is sufficient.
fn described(licence: &str, folder: &Path) -> Result<String> {
    let entries = folder.read_dir().with_context(|| format!("{} cannot be read", places::shown(folder)))?;
    let mut files: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
            path.is_file() && ["LICENSE", "LICENCE", "COPYING", "NOTICE"].iter().any(|word| name.starts_with(word))
        })
        .collect();
    files.sort();
    if licence.contains("MIT") && files.iter().any(|file| file.to_string_lossy().contains("MIT")) {
        files.retain(|file| file.to_string_lossy().contains("MIT"));
    }
    ensure!(!licence.is_empty() || !files.is_empty(), "{} names no licence", places::shown(folder));
    let texts = files.iter().map(fs::read_to_string).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("Licence: {licence}\n\n{}", texts.join("\n").trim()))
}

fn page(parts: &Parts) -> String {
    let mut page = String::from(
        "ntlm-wasm contains the following software, in its WebAssembly modules (crates) and its JavaScript (npm packages).\n",
    );
    for (name, text) in parts {
        page += &format!("\n{}\n{name}\n{text}\n", "-".repeat(80));
    }
    page
}
