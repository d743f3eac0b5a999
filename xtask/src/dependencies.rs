//! Checks the project's dependencies: allowed licence, allowed source, and a documented reason.

use crate::places;
use crate::tools;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// The only allowed source of crates.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks every crate's licence and source, and that ARCHITECTURE.md has a line for each dependency that users get.
///
/// The lists are those of deny.toml. `cargo deny`, which takes minutes to compile, checks advisories in the workflow.
pub fn check() -> Result<String> {
    let metadata = tools::cargo().args(["metadata", "--format-version", "1", "--locked", "--all-features"]).run()?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata is not JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let allowed = allowed_licences(&fs::read_to_string(places::root().join("deny.toml"))?);
    ensure!(!allowed.is_empty(), "deny.toml allows no licence");
    let mut faults: Vec<_> = packages.iter().filter_map(|package| fault(package, &allowed)).collect();
    faults.extend(unexplained(packages)?);
    if faults.is_empty() {
        return Ok(format!("{} crates", packages.len()));
    }
    bail!("{}", faults.join("\n"))
}

/// Returns the words of `allow = [ … ]` in `[licenses]`.
fn allowed_licences(deny: &str) -> BTreeSet<String> {
    let list = deny.split_once("[licenses]").and_then(|(_, text)| text.split_once("allow = [")).map(|(_, text)| text);
    let list = list.and_then(|text| text.split_once(']')).map_or("", |(list, _)| list);
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns the problem with one crate, if any.
fn fault(package: &Value, allowed: &BTreeSet<String>) -> Option<String> {
    let name = package["name"].as_str().unwrap_or("?");
    if package["source"].as_str().is_some_and(|source| source != CRATES_IO) {
        return Some(format!("{name} comes from {}", package["source"]));
    }
    let Some(licence) = package["license"].as_str() else {
        // Unpublished programs of the project need no licence.
        return package["source"].is_string().then(|| format!("{name} names no licence"));
    };
    (!permits(licence, allowed)).then(|| format!("{name} is under {licence}, which deny.toml does not allow"))
}

/// Returns whether one of the alternatives is allowed; alternatives are joined by OR, in old manifests by a slash.
fn permits(licence: &str, allowed: &BTreeSet<String>) -> bool {
    let flat = licence.replace(['(', ')'], "").replace(" AND ", "&").replace(" OR ", "/");
    // "A & B / C" in brackets means both A and one of B and C. The check is stricter: each part must have an allowed word.
    flat.split('&').all(|part| part.split('/').any(|word| allowed.contains(word.trim())))
}

/// Returns the dependencies of the crate and of the npm package without a row in ARCHITECTURE.md.
fn unexplained(packages: &[Value]) -> Result<Vec<String>> {
    let page = fs::read_to_string(places::root().join("ARCHITECTURE.md"))?;
    let crate_itself =
        packages.iter().find(|package| package["name"] == "ntlm-wasm").context("the crate is missing")?;
    let of_crate = crate_itself["dependencies"].as_array().into_iter().flatten();
    let mut names: Vec<_> = of_crate
        .filter(|dependency| dependency["kind"].is_null())
        .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned))
        .collect();
    let manifest: Value = serde_json::from_str(&fs::read_to_string(places::template().join("package.json"))?)?;
    for kind in ["dependencies", "peerDependencies"] {
        names.extend(manifest[kind].as_object().into_iter().flatten().map(|(name, _)| name.clone()));
    }
    let missing = names.iter().filter(|name| !page.lines().any(|line| line.starts_with(&format!("| `{name}` |"))));
    Ok(missing.map(|name| format!("{name}: ARCHITECTURE.md does not say what it is for")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_permitted_by_one_of_their_alternatives() {
        let allowed =
            allowed_licences("[bans]\nallow = [\"x\"]\n[licenses]\nallow = [\n  \"MIT\",\n  \"Unicode-3.0\",\n]\n");
        assert_eq!(allowed.len(), 2);
        for licence in ["MIT", "MIT OR Apache-2.0", "Apache-2.0/MIT", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
            assert!(permits(licence, &allowed), "{licence}");
        }
        for licence in ["Apache-2.0", "GPL-3.0-only", "MIT AND GPL-3.0-only"] {
            assert!(!permits(licence, &allowed), "{licence}");
        }
    }

    #[test]
    fn a_crate_from_elsewhere_is_refused() {
        let allowed = BTreeSet::from(["MIT".to_owned()]);
        let package = |source: Value| serde_json::json!({ "name": "x", "license": "MIT", "source": source });
        assert_eq!(fault(&package(CRATES_IO.into()), &allowed), None);
        assert_eq!(fault(&package(Value::Null), &allowed), None);
        assert!(fault(&package("git+https://example.com/x".into()), &allowed).is_some());
    }
}
