//! The Debian packages that tests need.

use crate::run::Program;
use anyhow::{Context, Result};
use std::env;
use std::path::Path;

/// Installs `packages` unless `program` is installed. Returns a reason if this machine does not allow it.
pub fn install_unless_there(program: &str, packages: &[&str]) -> Result<Option<String>> {
    if on_path(program) { Ok(None) } else { install(program, packages) }
}

/// Installs `packages` unless `file` exists. Returns a reason if this machine does not allow it.
pub fn install_unless_exists(file: &Path, packages: &[&str]) -> Result<Option<String>> {
    if file.exists() { Ok(None) } else { install(&file.display().to_string(), packages) }
}

fn install(missing: &str, packages: &[&str]) -> Result<Option<String>> {
    let names = packages.join(" ");
    if !Path::new("/etc/debian_version").exists() || !is_root()? {
        return Ok(Some(format!("{missing} is missing: on Debian, type `apt-get install {names}` as root")));
    }
    let apt =
        |arguments: &[&str]| Program::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive").run();
    apt(&["update", "-qq"]).with_context(|| format!("could not install {names}"))?;
    apt(&[&["install", "-y", "-qq", "--no-install-recommends"], packages].concat())?;
    Ok(None)
}

fn is_root() -> Result<bool> {
    Ok(Program::new("id").arg("-u").run()?.trim() == "0")
}

/// Returns whether a program is on the path, or a file exists if the name is absolute.
fn on_path(name: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|dir| dir.join(name).is_file()))
}
