//! Where things lie in the clone.

use std::env;
use std::path::{Path, PathBuf};

/// The root of the clone. Cargo says at run time where the package is, so a moved clone needs no rebuild.
pub fn root() -> PathBuf {
    let package = env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).parent().expect("xtask/ lies in the root").to_owned()
}

/// What the npm package is made from.
pub fn template() -> PathBuf {
    root().join("pkg-template")
}

/// The npm package as it is published.
pub fn package() -> PathBuf {
    root().join("pkg")
}

/// A package for each system's addon.
pub fn addons() -> PathBuf {
    root().join("pkg-native")
}

/// What wasm-bindgen and the optimiser leave for the TypeScript compiler.
pub fn generated() -> PathBuf {
    template().join("src/core/generated")
}

/// Cargo's target directory.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Downloads of the tests: runtimes, browsers, servers.
pub fn test_cache() -> PathBuf {
    root().join("tests/.cache")
}

/// `path` as people read it: relative to the root.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// All files below `dir`, sorted, without `node_modules` and hidden ones. Empty if there is no such folder.
pub fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(dir) = waiting.pop() {
        let Ok(entries) = dir.read_dir() else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if name == "node_modules" || name.to_string_lossy().starts_with('.') {
                continue;
            }
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
