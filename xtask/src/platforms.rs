//! The platforms that have an addon.

use anyhow::{Context, Result};
use std::env::consts::{ARCH, OS};

/// One platform, with its npm and Rust names.
#[derive(Debug)]
pub struct Platform {
    /// The package name suffix, `ntlm-wasm-<name>`, and the folder in pkg-native/.
    pub name: &'static str,
    pub os: &'static str,
    pub cpu: &'static str,
    /// Linux has two C libraries; an addon for one does not load with the other.
    pub libc: Option<&'static str>,
    /// The Rust target.
    pub target: &'static str,
}

pub const PLATFORMS: &[Platform] = &[
    Platform { name: "darwin-arm64", os: "darwin", cpu: "arm64", libc: None, target: "aarch64-apple-darwin" },
    Platform { name: "darwin-x64", os: "darwin", cpu: "x64", libc: None, target: "x86_64-apple-darwin" },
    Platform {
        name: "linux-arm64-gnu",
        os: "linux",
        cpu: "arm64",
        libc: Some("glibc"),
        target: "aarch64-unknown-linux-gnu",
    },
    Platform {
        name: "linux-arm64-musl",
        os: "linux",
        cpu: "arm64",
        libc: Some("musl"),
        target: "aarch64-unknown-linux-musl",
    },
    Platform {
        name: "linux-x64-gnu",
        os: "linux",
        cpu: "x64",
        libc: Some("glibc"),
        target: "x86_64-unknown-linux-gnu",
    },
    Platform {
        name: "linux-x64-musl",
        os: "linux",
        cpu: "x64",
        libc: Some("musl"),
        target: "x86_64-unknown-linux-musl",
    },
    Platform { name: "win32-arm64", os: "win32", cpu: "arm64", libc: None, target: "aarch64-pc-windows-gnullvm" },
    Platform { name: "win32-x64", os: "win32", cpu: "x64", libc: None, target: "x86_64-pc-windows-gnu" },
];

impl Platform {
    /// Returns the platform with this name or target.
    pub fn named(word: &str) -> Result<&'static Self> {
        let names = || PLATFORMS.iter().map(|platform| platform.name).collect::<Vec<_>>().join(", ");
        PLATFORMS
            .iter()
            .find(|platform| platform.name == word || platform.target == word)
            .with_context(|| format!("there is no addon for {word}: choose one of {}, or its Rust target", names()))
    }

    /// Returns this machine's platform.
    pub fn here() -> Result<&'static Self> {
        PLATFORMS
            .iter()
            .find(|platform| platform.is_here())
            .with_context(|| format!("there is no addon for this system ({OS}, {ARCH})"))
    }

    /// Returns whether it is this machine's platform, which the current toolchain can build without a cross-compiler.
    pub fn is_here(&self) -> bool {
        let libc = match self.libc {
            Some("musl") => cfg!(target_env = "musl"),
            Some(_) => cfg!(target_env = "gnu"),
            None => true,
        };
        let os = match self.os {
            "darwin" => "macos",
            "win32" => "windows",
            other => other,
        };
        let cpu = if self.cpu == "x64" { "x86_64" } else { "aarch64" };
        libc && os == OS && cpu == ARCH
    }

    /// Returns the npm package name.
    pub fn package(&self) -> String {
        format!("ntlm-wasm-{}", self.name)
    }

    /// Returns the library's file name.
    pub fn library(&self) -> &'static str {
        match self.os {
            "win32" => "ntlm_wasm.dll",
            "darwin" => "libntlm_wasm.dylib",
            _ => "libntlm_wasm.so",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_targets_are_parsed() {
        assert_eq!(Platform::named("win32-x64").unwrap().target, "x86_64-pc-windows-gnu");
        assert_eq!(Platform::named("aarch64-apple-darwin").unwrap().name, "darwin-arm64");
        assert!(Platform::named("plan9").unwrap_err().to_string().contains("linux-x64-musl"));
    }

    #[test]
    fn at_most_one_is_this_machine() {
        assert!(PLATFORMS.iter().filter(|platform| platform.is_here()).count() <= 1);
    }
}
