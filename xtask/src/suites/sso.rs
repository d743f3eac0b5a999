//! Single sign-on on this machine's own operating system: the addon against the lab.

use super::{Outcome, cargo, node};
use crate::platforms::Platform;
use crate::run::Program;
use crate::{addon, places, tools};
use anyhow::{Result, ensure};

/// The exit code of tests/lab/lab if this machine cannot run it; the reason is the last line of its standard error.
const CANNOT: i32 = 3;

pub fn test() -> Result<Outcome> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        return Ok(Outcome::Cannot("the runtimes are installed on Linux x64 with glibc only".into()));
    }
    addon::make(Platform::here()?, false)?;
    let up = Program::new(places::root().join("tests/lab/lab")).arg("up").finish()?;
    if up.code == Some(CANNOT) {
        return Ok(Outcome::Cannot(up.stderr.lines().last().unwrap_or_default().to_owned()));
    }
    ensure!(up.success, "the lab does not start:\n{}", up.output());
    // Runtimes, and the programs that are also run as lab clients without single sign-on.
    for folder in ["tests/runtimes", "tests/interop"] {
        tools::npm_ci(&places::root().join(folder))?;
    }
    let rust = cargo::test_with(
        tools::cargo(),
        &["-p", "ntlm-wasm", "--features", "sspi", "--lib", "--test", "core", "sspi"],
    )?;
    let owner = cargo::test_with(tools::cargo(), &["-p", "ntlm-wasm", "--features", "node", "--lib", "socket_owner"])?;
    match node::test("tests/sso")? {
        Outcome::Ran(node) => Ok(Outcome::Ran(rust.and(owner).and(node))),
        cannot => Ok(cannot),
    }
}
