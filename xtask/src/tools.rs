//! The tools that must be installed, and how to install them.

use crate::places;
use crate::run::Program;
use crate::stamp::Inputs;
use anyhow::{Context, Result, bail, ensure};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the cargo that runs this program, so that all steps use the same toolchain.
pub fn cargo() -> Program {
    Program::new(env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from))
}

/// Returns `node` after checking its version.
pub fn node() -> Result<Program> {
    let version = Program::new("node")
        .arg("--version")
        .run()
        .context("Node.js is needed: install version 20.19 or newer from https://nodejs.org")?;
    let version = version.trim().trim_start_matches('v');
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    ensure!(found >= (20, 19), "Node.js {version} is too old: install version 20.19 or newer from https://nodejs.org");
    Ok(Program::new("node"))
}

/// Returns `npm` in `dir`.
pub fn npm(dir: &Path) -> Program {
    let name = if cfg!(windows) { "npm.cmd" } else { "npm" };
    Program::new(name).dir(dir)
}

/// Returns a command of the packages installed in `dir`.
pub fn npm_bin(dir: &Path, name: &str) -> Program {
    let file = if cfg!(windows) { format!("{name}.cmd") } else { name.to_owned() };
    Program::new(dir.join("node_modules/.bin").join(file))
}

/// Installs the packages in the lock file of `dir` unless they are installed. Returns whether it did.
pub fn npm_ci(dir: &Path) -> Result<bool> {
    let modules = dir.join("node_modules");
    let installed = modules.join(".package-lock.json");
    Inputs::of("npm-ci").file(&dir.join("package-lock.json")).unless_fresh(&modules, &[installed], || {
        npm(dir).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).run().with_context(|| {
            format!("could not install the npm packages of {}: type `npm ci` there to see more", places::shown(dir))
        })?;
        Ok(())
    })
}

/// Returns a command of Python packages, installed in a separate environment. `packages` are pinned pip requirements.
pub fn python(name: &'static str, packages: &[&str], command: &str) -> Result<PathBuf> {
    let dir = places::target().join("tools").join(name);
    let bin = dir.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = bin.join(format!("{command}{}", env::consts::EXE_SUFFIX));
    Inputs::of(name).value(packages).unless_fresh(&dir, std::slice::from_ref(&program), || {
        Program::new("python3")
            .args(["-m", "venv"])
            .arg(&dir)
            .run()
            .context("Python 3 with its module venv is needed: on Debian, type `apt-get install python3-venv`")?;
        Program::new(bin.join("pip"))
            .args(["install", "--quiet", "--disable-pip-version-check"])
            .args(packages)
            .run()
            .with_context(|| format!("could not install {} from the Python package index", packages.join(" ")))?;
        Ok(())
    })?;
    Ok(program)
}

/// Adds compilation targets to the current toolchain.
pub fn rust_targets(wanted: &[&str]) -> Result<()> {
    let sysroot =
        Program::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).args(["--print", "sysroot"]).run()?;
    let installed = Path::new(sysroot.trim()).join("lib/rustlib");
    let missing: Vec<_> = wanted.iter().filter(|target| !installed.join(target).join("lib").is_dir()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.iter().map(|name| **name).collect::<Vec<_>>().join(" ");
    let added = Program::new("rustup").args(["target", "add"]).args(missing).finish();
    match added {
        Ok(finished) if finished.success => Ok(()),
        Ok(finished) => bail!("could not add {names}: type `rustup target add {names}`\n{}", finished.output()),
        Err(_) => bail!("the Rust targets {names} are missing: install rustup and type `rustup target add {names}`"),
    }
}

/// Adds components to the current toolchain.
pub fn rust_components(wanted: &[&str]) -> Result<()> {
    for name in wanted {
        let there = cargo().args([if *name == "rustfmt" { "fmt" } else { *name }, "--version"]).finish()?.success;
        if !there && !Program::new("rustup").args(["component", "add", name]).finish().is_ok_and(|done| done.success) {
            bail!("{name} is missing: type `rustup component add {name}`");
        }
    }
    Ok(())
}

/// Makes `link` refer to the folder `target`; `relative` is the path of `target` relative to the link.
pub fn link_folder(link: &Path, target: &Path, relative: &str) -> Result<()> {
    if link.is_dir() {
        return Ok(());
    }
    // Removes the leftover link of a clone that was moved.
    let _ = fs::remove_file(link);
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(relative, link).map_err(anyhow::Error::from);
    // A junction: unlike a symbolic link it needs no privilege, but it contains the absolute path.
    #[cfg(windows)]
    let linked = Program::new("cmd").args(["/c", "mklink", "/J"]).arg(link).arg(target).run();
    linked.with_context(|| format!("could not link {} to {relative} ({})", places::shown(link), target.display()))?;
    Ok(())
}
