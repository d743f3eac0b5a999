//! `cargo xtask addon`: the addon for single sign-on, one package per platform in pkg-native/.

mod toolchain;

use crate::build::crate_version;
use crate::places;
use crate::platforms::{PLATFORMS, Platform};
use crate::run::step;
use anyhow::Result;
use serde_json::json;
use std::fs;

/// The file name in each package.
const FILE: &str = "ntlm-wasm.node";

/// Builds the named platforms, given by package name suffix or target; without a name, this machine's.
/// `all` builds all platforms, as they are published.
pub fn addon(targets: &[String], all: bool) -> Result<()> {
    let chosen = match targets {
        _ if all => PLATFORMS.iter().collect(),
        [] => vec![Platform::here()?],
        words => words.iter().map(|word| Platform::named(word)).collect::<Result<_>>()?,
    };
    for platform in chosen {
        step(&format!("addon {}", platform.name), || {
            let bytes = make(platform, all)?;
            Ok(format!("{bytes} bytes"))
        })?;
    }
    Ok(())
}

/// Builds one platform and fills its package; returns the file size.
pub fn make(platform: &Platform, publish: bool) -> Result<u64> {
    let library = toolchain::build(platform, publish)?;
    let version = crate_version()?;
    let dir = places::addons().join(platform.name);
    fs::create_dir_all(&dir)?;
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(places::root().join(name), dir.join(name))?;
    }
    fs::write(dir.join("README.md"), readme(platform))?;
    fs::write(dir.join("package.json"), manifest(platform, &version)?)?;
    // Written under another name first, so that a program that has loaded the old file is not affected.
    let waiting = dir.join(".new");
    let bytes = fs::copy(library, &waiting)?;
    fs::rename(waiting, dir.join(FILE))?;
    Ok(bytes)
}

fn manifest(platform: &Platform, version: &str) -> Result<String> {
    let mut manifest = json!({
        "name": platform.package(),
        "version": version,
        "description": format!("Single sign-on for ntlm-wasm on {}", platform.name),
        "license": "MIT OR Apache-2.0",
        "os": [platform.os],
        "cpu": [platform.cpu],
        "main": FILE,
        "files": [FILE, "LICENSE-APACHE", "LICENSE-MIT"],
        "publishConfig": { "access": "public", "provenance": true },
    });
    if let Some(libc) = platform.libc {
        manifest["libc"] = json!([libc]);
    }
    Ok(serde_json::to_string_pretty(&manifest)? + "\n")
}

fn readme(platform: &Platform) -> String {
    format!(
        "# {}\n\nThe addon with which [ntlm-wasm](https://www.npmjs.com/package/ntlm-wasm) authenticates as the \
         signed-in user.\nIt is installed with ntlm-wasm; it is not used on its own.\n",
        platform.package()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_says_where_it_runs() {
        let musl = manifest(Platform::named("linux-x64-musl").unwrap(), "1.2.3").unwrap();
        for line in ["\"name\": \"ntlm-wasm-linux-x64-musl\"", "\"version\": \"1.2.3\"", "\"main\": \"ntlm-wasm.node\""]
        {
            assert!(musl.contains(line), "{musl}");
        }
        assert!(musl.contains("\"libc\": [\n    \"musl\"\n  ]"), "{musl}");
        assert!(!manifest(Platform::named("win32-x64").unwrap(), "1.2.3").unwrap().contains("libc"));
    }
}
