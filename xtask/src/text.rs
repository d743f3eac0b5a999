//! Text that must not be committed: machine paths, download addresses, leftovers, files that are too long.

use crate::places;
use crate::run::Program;
use anyhow::{Context, Result, bail};
use std::fs;

/// The maximum number of lines in a file of code or prose.
const LONGEST: usize = 500;

/// File types that people read and write.
const WRITTEN: &[&str] = &["css", "html", "js", "md", "mjs", "py", "rs", "sh", "toml", "ts", "yml"];

/// Text that no file may contain, and why. It is split into parts because this file is checked too.
const FORBIDDEN: &[(&[&str], &str)] = &[
    (&["/wor", "k/"], "a folder of one machine"),
    (&["/roo", "t/"], "a folder of one machine"),
    (&["/hom", "e/"], "a folder of one machine"),
    (&["/tmp/", "team"], "a folder of one machine"),
    (&["\"resol", "ved\":"], "a download address (npm's omit-lockfile-registry-resolved leaves it out)"),
    (&["regis", "try=http"], "the address of a registry"),
    (&["index", "-url=http"], "the address of a registry"),
    (&["index", "-url = http"], "the address of a registry"),
    (&["TO", "DO"], "a left-over"),
    (&["FIX", "ME"], "a left-over"),
];

/// Text that tests may not contain.
const FORBIDDEN_IN_TESTS: &[&[&str]] = &[&["#[ig", "nore"], &["test.sk", "ip("], &["it.sk", "ip("], &[".on", "ly("]];

/// Checks every file that is, or would be, committed.
pub fn check() -> Result<String> {
    let names = Program::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .run()
        .context("git is needed to know which files are committed")?;
    let mut faults = Vec::new();
    for name in names.lines() {
        // A deleted but not yet committed file and a binary file are skipped.
        if let Ok(text) = fs::read_to_string(places::root().join(name)) {
            look_at(name, &text, &mut faults);
        }
    }
    if faults.is_empty() {
        return Ok(format!("{} files", names.lines().count()));
    }
    bail!("{} faults in committed text:\n{}", faults.len(), faults.join("\n"))
}

fn look_at(name: &str, text: &str, faults: &mut Vec<String>) {
    let kind = name.rsplit_once('.').map_or("", |(_, kind)| kind);
    let lines = text.lines().count();
    if WRITTEN.contains(&kind) && lines > LONGEST {
        faults.push(format!("{name}: {lines} lines, more than {LONGEST}"));
    }
    let in_tests = FORBIDDEN_IN_TESTS.iter().map(|pieces| (*pieces, "a test that is not run"));
    for (pieces, why) in FORBIDDEN.iter().copied().chain(in_tests) {
        let pattern = pieces.concat();
        if let Some((number, _)) = text.lines().enumerate().find(|(_, line)| line.contains(&pattern)) {
            faults.push(format!("{name}:{}: `{pattern}` is {why}", number + 1));
        }
    }
    if name == "Cargo.lock" && text.lines().any(|line| is_source(line) && !line.contains("crates.io-index")) {
        faults.push(format!("{name}: a crate that does not come from crates.io"));
    }
}

fn is_source(line: &str) -> bool {
    line.starts_with("source = ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(name: &str, text: &str) -> Vec<String> {
        let mut faults = Vec::new();
        look_at(name, text, &mut faults);
        faults
    }

    #[test]
    fn faults_have_a_place_and_a_reason() {
        let text = ["a line", &["see /hom", "e/me/notes"].concat()].join("\n");
        assert_eq!(faults("README.md", &text), [["README.md:2: `/hom", "e/` is a folder of one machine"].concat()]);
    }

    #[test]
    fn long_files_are_found_but_data_may_be_long() {
        let text = "x\n".repeat(LONGEST + 1);
        assert_eq!(faults("src/a.rs", &text), ["src/a.rs: 501 lines, more than 500"]);
        assert!(faults("tests/vectors/a.json", &text).is_empty());
    }

    #[test]
    fn clean_text_has_no_faults() {
        assert!(faults("src/a.rs", "//! Clean.\nfn f() {}\n").is_empty());
    }
}
