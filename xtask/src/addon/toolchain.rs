//! The addon's linker for each platform: the native one for this machine, mingw-w64 for Windows on x64, zig for the rest.

use crate::platforms::Platform;
use crate::run::Program;
use crate::{debian, places, tools};
use anyhow::{Context, Result, bail};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// zig as a linker for all systems, and the program that integrates it with Cargo.
const ZIG: &[&str] = &["ziglang==0.17.1", "cargo-zigbuild==0.24.0"];
/// The oldest glibc that the addon must support: that of RHEL 7.
const GLIBC: &str = "2.17";
/// The oldest supported macOS.
const MACOS: &str = "11.0";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Linker {
    Own,
    Mingw,
    Zig,
}

impl Linker {
    /// glibc addons for publishing use zig even on Linux, because this machine's C library is too new for other systems.
    fn of(platform: &Platform, publish: bool) -> Self {
        match platform.target {
            _ if platform.is_here() && !(publish && platform.libc == Some("glibc")) => Self::Own,
            "x86_64-pc-windows-gnu" => Self::Mingw,
            _ => Self::Zig,
        }
    }
}

/// Builds the library for a platform and returns its path.
pub fn build(platform: &Platform, publish: bool) -> Result<PathBuf> {
    let linker = Linker::of(platform, publish);
    let program = match linker {
        Linker::Own => tools::cargo(),
        Linker::Mingw => {
            let reason = debian::install_unless_there("x86_64-w64-mingw32-gcc", &["gcc-mingw-w64-x86-64"])?;
            if let Some(reason) = reason {
                bail!(reason);
            }
            tools::cargo()
        }
        Linker::Zig => zigbuild()?,
    };
    let mut program = program
        .args(["rustc", "-p", "ntlm-wasm", "--lib", "--crate-type", "cdylib", "--release"])
        .args(["--no-default-features", "--features", "node"])
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
    if linker != Linker::Own {
        tools::rust_targets(&[platform.target])?;
        let glibc = if platform.libc == Some("glibc") { format!(".{GLIBC}") } else { String::new() };
        program = program.arg("--target").arg(format!("{}{glibc}", platform.target));
    }
    for (name, value) in surroundings(platform, linker)? {
        program = program.env(&name, value);
    }
    program.run().with_context(|| format!("could not build the addon for {}", platform.name))?;
    let folder = if linker == Linker::Own { places::target() } else { places::target().join(platform.target) };
    Ok(folder.join("release").join(platform.library()))
}

fn surroundings(platform: &Platform, linker: Linker) -> Result<Vec<(String, String)>> {
    let mut variables = Vec::new();
    if platform.libc == Some("musl") {
        // By default Rust links musl statically, and such a library cannot be loaded.
        let target = platform.target.to_uppercase().replace('-', "_");
        variables.push((format!("CARGO_TARGET_{target}_RUSTFLAGS"), "-Ctarget-feature=-crt-static".into()));
    }
    if platform.os == "darwin" {
        variables.push(("MACOSX_DEPLOYMENT_TARGET".into(), MACOS.into()));
    }
    if platform.os == "win32" && linker != Linker::Own {
        variables.push(("LIBNODE_PATH".into(), stand_in_for_node()?.display().to_string()));
    }
    Ok(variables)
}

/// Creates an empty libnode.dll, which napi's build script requires when linking with GNU tools. The addon imports its symbols
/// from the process that loads it, so the file needs no content.
fn stand_in_for_node() -> Result<PathBuf> {
    let dir = places::target().join("addon/libnode");
    fs::create_dir_all(&dir)?;
    fs::write(dir.join("libnode.dll"), "")?;
    fs::write(dir.join("libnode.a"), "!<arch>\n")?;
    Ok(dir)
}

/// Returns `cargo-zigbuild` with zig, in a separate Python environment.
fn zigbuild() -> Result<Program> {
    let program = tools::python("zig", ZIG, "cargo-zigbuild")?;
    let bin = program.parent().context("a program is in a folder")?;
    Ok(Program::new(&program).env("PATH", path_with(bin)?))
}

fn path_with(first: &Path) -> Result<std::ffi::OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    Ok(env::join_paths(std::iter::once(first.to_owned()).chain(env::split_paths(&path)))?)
}
