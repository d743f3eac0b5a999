//! Reads Cargo.toml and Cargo.lock.

use crate::{places, tools};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;

pub struct Manifest {
    pub version: String,
    features: Vec<String>,
}

impl Manifest {
    pub fn read() -> Result<Self> {
        let text = tools::cargo().args(["metadata", "--no-deps", "--format-version", "1"]).run()?;
        let metadata: Value = serde_json::from_str(&text)?;
        let package = metadata["packages"]
            .as_array()
            .and_then(|packages| packages.iter().find(|package| package["name"] == "ntlm-wasm"))
            .context("cargo metadata does not know the package ntlm-wasm")?;
        Ok(Self {
            version: package["version"].as_str().unwrap_or_default().to_owned(),
            features: package["features"].as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default(),
        })
    }

    pub fn has_feature(&self, name: &str) -> bool {
        self.features.iter().any(|feature| feature == name)
    }
}

/// The module and the library that post-processes it use a private format, so their versions must match.
pub fn check_wasm_bindgen_versions() -> Result<()> {
    let lock = fs::read_to_string(places::root().join("Cargo.lock"))?;
    let (module, tool) = (locked(&lock, "wasm-bindgen")?, locked(&lock, "wasm-bindgen-cli-support")?);
    ensure!(
        module == tool,
        "wasm-bindgen is {module} but wasm-bindgen-cli-support is {tool}: give both the same `=` version, \
         in Cargo.toml and xtask/Cargo.toml"
    );
    Ok(())
}

/// Returns the version of a package in Cargo.lock.
fn locked<'a>(lock: &'a str, name: &str) -> Result<&'a str> {
    lock.split_once(&format!("name = \"{name}\"\nversion = \""))
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(version, _)| version)
        .with_context(|| format!("Cargo.lock does not name {name}"))
}

#[cfg(test)]
mod tests {
    use super::locked;

    #[test]
    fn finds_the_version_of_exactly_that_package() {
        let lock = "name = \"wasm-bindgen-macro\"\nversion = \"1\"\n\nname = \"wasm-bindgen\"\nversion = \"2\"\n";
        assert_eq!(locked(lock, "wasm-bindgen").unwrap(), "2");
        assert!(locked(lock, "bindgen").is_err());
    }
}
