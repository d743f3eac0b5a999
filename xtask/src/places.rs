//! The paths in the clone.

use std::env;
use std::path::{Path, PathBuf};

/// Returns the root of the clone. Cargo provides the package's path at run time, so a moved clone needs no rebuild.
pub fn root() -> PathBuf {
    let package = env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).parent().expect("xtask/ is in the root").to_owned()
}

/// Returns the folder with the sources of the npm package.
pub fn template() -> PathBuf {
    root().join("pkg-template")
}

/// Returns the folder of the npm package as published.
pub fn package() -> PathBuf {
    root().join("pkg")
}

/// Returns the folder with one package for each platform's addon.
pub fn addons() -> PathBuf {
    root().join("pkg-native")
}

/// Returns the folder with the output of wasm-bindgen and the optimizer for the TypeScript compiler.
pub fn generated() -> PathBuf {
    template().join("src/core/generated")
}

/// Returns Cargo's target directory.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Returns the folder for test downloads: runtimes, browsers, servers.
pub fn test_cache() -> PathBuf {
    root().join("tests/.cache")
}

/// Returns `path` relative to the root, for display.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Returns all files below `dir`, sorted, without `node_modules` and hidden ones; empty if the folder does not exist.
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
