//! Suites run by `node --test`: the files named `*.test.mjs` in a folder in tests/.

use super::{Outcome, Tally};
use crate::platforms::Platform;
use crate::{addon, debian, places, tools};
use anyhow::{Result, bail, ensure};
use std::fs;
use std::path::Path;

/// A test file that takes longer is considered hung.
const TIMEOUT_MS: &str = "120000";

/// Runs the tests in a folder, after installing the packages in its lock file.
pub fn test(folder: &str) -> Result<Outcome> {
    let dir = places::root().join(folder);
    if dir.join("package-lock.json").exists() {
        tools::npm_ci(&dir)?;
    }
    let mut files = places::files_below(&dir);
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    ensure!(!files.is_empty(), "there is no test in {folder}");
    fs::create_dir_all(places::test_cache())?;
    let results = places::test_cache().join(format!("{}.tap", folder.replace('/', "-")));
    let finished = tools::node()?
        .args(["--test", &format!("--test-timeout={TIMEOUT_MS}"), &format!("--test-concurrency={}", at_once())])
        .args(["--test-reporter=spec", "--test-reporter=tap"])
        .arg("--test-reporter-destination=stdout")
        .arg(format!("--test-reporter-destination={}", results.display()))
        .args(files)
        .finish()?;
    let mut tally = tally(&fs::read_to_string(results)?);
    if !finished.success {
        tally.failed = tally.failed.max(1);
        tally.report = failures(&finished.output());
    }
    Ok(Outcome::Ran(tally))
}

/// Returns the number of test files that run at the same time. They usually wait, so no core is kept free.
fn at_once() -> usize {
    std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2))
}

/// The packages of Node, Deno and Bun contain programs for one platform each.
pub fn runtimes() -> Result<Outcome> {
    if cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        return test("tests/runtimes");
    }
    Ok(Outcome::Cannot("the runtimes are installed on Linux x64 with glibc only".into()))
}

pub fn browser() -> Result<Outcome> {
    if let Some(reason) = install_browsers()? {
        return Ok(Outcome::Cannot(reason));
    }
    test("tests/browser")
}

/// Accepts the page as it looks now: replaces the pictures that the browser suite compares with.
pub fn accept_pictures() -> Result<()> {
    if let Some(reason) = install_browsers()? {
        bail!(reason);
    }
    let dir = places::root().join("tests/browser");
    tools::npm_ci(&dir)?;
    let accepted = dir.join("accepted");
    if accepted.exists() {
        fs::remove_dir_all(accepted)?;
    }
    tools::node()?.arg("--test").arg(dir.join("pictures.test.mjs")).env("ACCEPT_PICTURES", "1").run()?;
    Ok(())
}

/// Installs what the browser suite needs. The pictures of the page are drawn with fonts that are the same on every machine.
fn install_browsers() -> Result<Option<String>> {
    let font = Path::new("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf");
    if let Some(reason) = debian::install_unless_exists(font, &["fonts-dejavu-core"])? {
        return Ok(Some(reason));
    }
    for (program, package) in [("chromium", "chromium"), ("firefox-esr", "firefox-esr"), ("pdftoppm", "poppler-utils")]
    {
        if let Some(reason) = debian::install_unless_there(program, &[package])? {
            return Ok(Some(reason));
        }
    }
    Ok(None)
}

/// Tests the command in a terminal, and its completion in the shells that Debian provides.
pub fn shells() -> Result<Outcome> {
    for (program, package) in [("script", "bsdutils"), ("bash", "bash"), ("zsh", "zsh"), ("fish", "fish")] {
        if let Some(reason) = debian::install_unless_there(program, &[package])? {
            return Ok(Outcome::Cannot(reason));
        }
    }
    test("tests/shells")
}

/// Tests operating system integration: the key store of a desktop, and the service files.
pub fn system() -> Result<Outcome> {
    if !cfg!(target_os = "linux") {
        return Ok(Outcome::Cannot("the test key store and systemd run on Linux only".into()));
    }
    for (program, packages) in [
        ("gnome-keyring-daemon", ["gnome-keyring", "libsecret-1-0"].as_slice()),
        ("dbus-run-session", &["dbus"]),
        ("systemd-analyze", &["systemd"]),
        // A user session with systemd needs both. They contain no program.
        ("/usr/share/pam-configs/systemd", &["libpam-systemd"]),
        ("/usr/lib/systemd/user/dbus.socket", &["dbus-user-session"]),
        ("ip", &["iproute2"]),
        ("curl", &["curl"]),
    ] {
        if let Some(reason) = debian::install_unless_there(program, packages)? {
            return Ok(Outcome::Cannot(reason));
        }
    }
    addon::make(Platform::here()?, false)?;
    test("tests/system")
}

/// Parses the numbers at the end of TAP output: `# pass 3`, `# fail 0`, `# cancelled 0`, `# skipped 0`, `# todo 0`.
fn tally(tap: &str) -> Tally {
    let count = |name: &str| {
        let line = tap.lines().rev().find_map(|line| line.strip_prefix("# ")?.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0)
    };
    Tally {
        passed: count("pass"),
        failed: count("fail") + count("cancelled"),
        skipped: count("skipped") + count("todo"),
        report: String::new(),
    }
}

/// Extracts the failures. The reporter repeats the failed tests at its end, except for a file that could not be loaded.
/// Stack frames of the test runner are omitted.
fn failures(output: &str) -> String {
    let end = output.find("✖ failing tests:").unwrap_or(0);
    let from = if output[end..].contains("\n  'test failed'") { 0 } else { end };
    let lines = output[from..]
        .lines()
        .filter(|line| !(line.trim_start().starts_with("at ") && line.contains("node:internal/")));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_numbers_count() {
        let tap = "# pass 9\nok 1 - a\n1..1\n# tests 4\n# suites 0\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 0\n# todo 0\n";
        assert_eq!(tally(tap), Tally { passed: 2, failed: 2, skipped: 0, report: String::new() });
    }

    #[test]
    fn the_report_is_of_the_failures() {
        let output = "✔ a\nℹ pass 1\n✖ failing tests:\nb\n  at f (a.mjs:1)\n  at async Test.run (node:internal/x:1)";
        assert_eq!(failures(output), "✖ failing tests:\nb\n  at f (a.mjs:1)");
        assert_eq!(failures("SyntaxError"), "SyntaxError");
    }
}
