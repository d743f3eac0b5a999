//! `cargo xtask release --dry-run`: checks everything that can go wrong in a release.
//!
//! `.github/workflows/release.yml` makes the releases and runs these checks first; no developer machine holds a token.

use crate::build::{self, crate_version};
use crate::platforms::PLATFORMS;
use crate::run::{Program, step};
use crate::{places, tools};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The files that the packages may contain: an unexpected file is a leak or wasted space.
const IN_NPM: &[&str] =
    &["dist/", "src/", "docs/", "package.json", "README.md", "CHANGELOG.md", "LICENSE-", "THIRD-PARTY-LICENSES"];
const IN_CRATE: &[&str] = &["src/", "Cargo.", "README.md", "CHANGELOG.md", "LICENSE-", ".cargo_vcs_info.json"];
const IN_ADDON: &[&str] = &["ntlm-wasm.node", "package.json", "README.md", "LICENSE-"];

pub fn release(dry_run: bool) -> Result<()> {
    ensure!(
        dry_run,
        "a release is made by the workflow release.yml when a tag is pushed; here there is only --dry-run"
    );
    let version = crate_version()?;
    let mut failed = Vec::new();
    let mut check = |name: &str, work: &dyn Fn() -> Result<String>| {
        if let Err(error) = step(name, work) {
            failed.push(format!("── {name} ──\n{error:#}"));
        }
    };
    check("clean tree", &clean_tree);
    check("changelog", &|| changelog(&version));
    check("build", &|| build::make().map(|_| String::new()));
    check("versions", &|| versions(&version));
    check("crate", &package_crate);
    check("npm package", &|| package_npm(&places::package(), IN_NPM));
    for platform in PLATFORMS {
        check(&format!("addon {}", platform.name), &|| {
            let folder = places::addons().join(platform.name);
            ensure!(folder.is_dir(), "it is not built: type `cargo xtask addon --target {}`", platform.name);
            package_npm(&folder, IN_ADDON)
        });
    }
    if failed.is_empty() {
        println!("\n{version} can be released: push the tag v{version}");
        return Ok(());
    }
    bail!("{} cannot be released yet\n\n{}", version, failed.join("\n"))
}

fn clean_tree() -> Result<String> {
    let changed = Program::new("git").args(["status", "--porcelain"]).run()?;
    ensure!(changed.is_empty(), "there are uncommitted changes:\n{changed}");
    Ok(String::new())
}

fn changelog(version: &str) -> Result<String> {
    let text = fs::read_to_string(places::root().join("CHANGELOG.md"))?;
    let heading = format!("## [{version}]");
    let section = text.split_once(&heading).map(|(_, section)| section);
    let section = section.with_context(|| format!("CHANGELOG.md has no section `{heading}`"))?;
    let body = section.split("\n## ").next().unwrap_or_default();
    ensure!(body.lines().any(|line| line.starts_with("- ")), "CHANGELOG.md says nothing of {version}");
    Ok(version.to_owned())
}

/// Checks that the crate's version is used everywhere, including where the packages name each other.
fn versions(version: &str) -> Result<String> {
    let main = manifest(&places::package())?;
    same(&main, version)?;
    let addons = main["optionalDependencies"].as_object().context("the package names no addons: none is built")?;
    ensure!(addons.len() == PLATFORMS.len(), "the package names {} addons of {}", addons.len(), PLATFORMS.len());
    for (name, wanted) in addons {
        ensure!(wanted == version, "the package wants {name} {wanted}");
    }
    for platform in PLATFORMS.iter().map(|platform| places::addons().join(platform.name)).filter(|dir| dir.is_dir()) {
        same(&manifest(&platform)?, version)?;
    }
    Ok(version.to_owned())
}

fn manifest(folder: &Path) -> Result<Value> {
    let path = folder.join("package.json");
    let text = fs::read_to_string(&path).with_context(|| format!("{} is missing", places::shown(&path)))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", places::shown(&path)))
}

fn same(manifest: &Value, version: &str) -> Result<()> {
    ensure!(manifest["version"] == version, "{} has version {}", manifest["name"], manifest["version"]);
    Ok(())
}

/// Packs the crate and compiles the result in a separate clone without test leftovers; uploads nothing.
fn package_crate() -> Result<String> {
    let clone = places::target().join("release-clone");
    if clone.exists() {
        fs::remove_dir_all(&clone)?;
    }
    Program::new("git").args(["clone", "--quiet", "--depth", "1"]).arg(file_url(&places::root())).arg(&clone).run()?;
    let listed = tools::cargo().dir(&clone).args(["package", "-p", "ntlm-wasm", "--list"]).run()?;
    let files = listed.lines().map(str::to_owned).collect::<Vec<_>>();
    expected(&files, IN_CRATE)?;
    let publish = tools::cargo().dir(&clone).args(["publish", "-p", "ntlm-wasm", "--dry-run", "--locked"]);
    publish.args(["--target-dir"]).arg(places::target()).run()?;
    Ok(format!("{} files", files.len()))
}

/// Returns a file URL, because git ignores `--depth` for a plain path.
fn file_url(path: &Path) -> String {
    format!("file://{}{}", if cfg!(windows) { "/" } else { "" }, path.display())
}

/// Packs a package for npm and uploads nothing.
fn package_npm(folder: &Path, allowed: &[&str]) -> Result<String> {
    let packed = tools::npm(folder).args(["pack", "--dry-run", "--json", "--ignore-scripts"]).run()?;
    let packed: Value = serde_json::from_str(&packed).context("npm pack did not answer in JSON")?;
    let files = packed[0]["files"].as_array().into_iter().flatten();
    let files: Vec<_> = files.filter_map(|file| file["path"].as_str().map(str::to_owned)).collect();
    expected(&files, allowed)?;
    let manifest = manifest(folder)?;
    ensure!(
        manifest["publishConfig"]["provenance"] == true,
        "{} would be published without provenance",
        manifest["name"]
    );
    tools::npm(folder).args(["publish", "--dry-run", "--provenance=false", "--ignore-scripts"]).run()?;
    let size = packed[0]["size"].as_u64().unwrap_or_default();
    Ok(format!("{} files, {} KB", files.len(), size.div_ceil(1000)))
}

/// Checks that every file begins with an allowed name and that each allowed name matches a file.
fn expected(files: &[String], allowed: &[&str]) -> Result<()> {
    let stray: Vec<_> = files.iter().filter(|file| !allowed.iter().any(|start| file.starts_with(start))).collect();
    ensure!(stray.is_empty(), "files that do not belong there: {stray:?}");
    let wanted = allowed.iter().filter(|start| !start.starts_with('.'));
    let missing: Vec<_> = wanted.filter(|start| !files.iter().any(|file| file.starts_with(**start))).collect();
    ensure!(missing.is_empty(), "nothing there begins with {missing:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::expected;

    #[test]
    fn a_stray_file_and_a_missing_one_are_noticed() {
        let files = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert!(expected(&files(&["dist/a.js", "README.md"]), &["dist/", "README.md"]).is_ok());
        assert!(expected(&files(&["dist/a.js", "README.md", ".env"]), &["dist/", "README.md"]).is_err());
        assert!(expected(&files(&["dist/a.js"]), &["dist/", "README.md"]).is_err());
    }
}
