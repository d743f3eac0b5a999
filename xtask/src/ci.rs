//! `cargo xtask ci`: all checks except the tests.

use crate::build;
use crate::run::{Program, step};
use crate::{dependencies, layers, places, prose, text, tools};
use anyhow::{Context, Result, bail};
use std::env;

const WASM: &str = "wasm32-unknown-unknown";

/// Targets without a standard library: code that compiles for them does not need one.
const WITHOUT_STD: &[&str] = &["thumbv7em-none-eabi", "wasm32v1-none"];

/// Packages outside the workspace. Each has its own lock file, which must follow the crate's dependencies.
const STANDALONE: &[&str] = &["tests/fuzz", "tests/bench/native", "tests/interop/sspi", HYPER_EXAMPLE];

const HYPER_EXAMPLE: &str = "tests/examples/hyper-proxy";

/// Runs every check, even after one has failed, and reports the failed ones at the end.
pub fn ci() -> Result<()> {
    tools::rust_targets(&[&[WASM], WITHOUT_STD].concat())?;
    tools::rust_components(&["rustfmt", "clippy"])?;
    tools::npm_ci(&places::template())?;
    let mut checks = Checks::default();
    checks.run("layering", layers::check);
    checks.run("committed text", text::check);
    checks.run("dependencies", dependencies::check);
    checks.cargo("rust format", &["fmt", "--all", "--check"]);
    checks.run("typescript format", || prettier().run().map(|_| String::new()));
    clippy(&mut checks)?;
    for target in WITHOUT_STD {
        let name = format!("no_std {target}");
        checks.cargo(&name, &["build", "-p", "ntlm-wasm", "--no-default-features", "--target", target]);
        let name = format!("no_std explain {target}");
        checks.cargo(
            &name,
            &["build", "-p", "ntlm-wasm", "--no-default-features", "--features", "explain", "--target", target],
        );
    }
    for folder in STANDALONE {
        let manifest = places::root().join(folder).join("Cargo.toml");
        checks.program(
            &format!("lock file of {folder}"),
            tools::cargo().args(["metadata", "--locked", "--format-version", "1", "--manifest-path"]).arg(manifest),
        );
    }
    checks.run("rust documentation", || {
        tools::cargo()
            .args(["doc", "-p", "ntlm-wasm", "--no-deps", "--document-private-items"])
            .env("RUSTDOCFLAGS", "-D warnings")
            .run()
            .map(|_| String::new())
    });
    checks.run("prose", || prose::check(&[]));
    checks.run("documentation site", build::site);
    match build::make() {
        Ok(built) => package(&mut checks, &built),
        Err(error) => checks.failed.push(("build".into(), error)),
    }
    checks.verdict()
}

/// Compiles the example with hyper and runs it against the built-in server.
fn hyper_example() -> Result<String> {
    let (folder, target) = (places::root().join(HYPER_EXAMPLE), places::target().join("examples"));
    tools::cargo().dir(&folder).args(["build", "--quiet", "--locked", "--target-dir"]).arg(&target).run()?;
    let example = target.join("debug").join(format!("ntlm-wasm-example-hyper-proxy{}", env::consts::EXE_SUFFIX));
    tools::node()?.arg(folder.join("run.mjs")).arg(example).run().map(|_| String::new())
}

/// Checks the package as users get it.
fn package(checks: &mut Checks, built: &build::Built) {
    checks.run("size budgets", || {
        let weighed = built.weigh()?;
        weighed.verdict().with_context(|| weighed.table)?;
        Ok(String::new())
    });
    let tool = |name: &str| tools::npm_bin(&places::template(), name);
    checks.program("publint", tool("publint").args(["run", "--strict"]).arg(&built.tarball));
    checks.program("types for consumers", tool("attw").arg(&built.tarball));
    checks.run("example with hyper", hyper_example);
}

/// Returns the formatter of all files except Rust.
fn prettier() -> Program {
    tools::npm_bin(&places::template(), "prettier").args(["--check", "--log-level", "warn", "."])
}

/// Checks every set of features that users compile, with warnings as errors.
fn clippy(checks: &mut Checks) -> Result<()> {
    let sets: &[(&str, &[&str])] = &[
        ("clippy", &["-p", "ntlm-wasm", "--all-targets"]),
        ("clippy without features", &["-p", "ntlm-wasm", "--lib", "--no-default-features"]),
        ("clippy xtask", &["-p", "xtask", "--all-targets"]),
    ];
    for (name, options) in sets {
        checks.cargo(name, &[&["clippy"], *options, &["--", "-D", "warnings"]].concat());
    }
    for kind in build::kinds()? {
        let options =
            ["-p", "ntlm-wasm", "--lib", "--no-default-features", "--target", WASM, "--features", kind.feature];
        checks.cargo(
            &format!("clippy {}", kind.feature),
            &[&["clippy"], &options[..], &["--", "-D", "warnings"]].concat(),
        );
    }
    Ok(())
}

/// The checks that have been run.
#[derive(Default)]
struct Checks {
    failed: Vec<(String, anyhow::Error)>,
}

impl Checks {
    fn run(&mut self, name: &str, check: impl FnOnce() -> Result<String>) {
        if let Err(error) = step(name, check) {
            self.failed.push((name.to_owned(), error));
        }
    }

    fn program(&mut self, name: &str, program: Program) {
        self.run(name, || program.run().map(|_| String::new()));
    }

    fn cargo(&mut self, name: &str, arguments: &[&str]) {
        self.program(name, tools::cargo().args(arguments).env("CARGO_TERM_QUIET", "true"));
    }

    fn verdict(self) -> Result<()> {
        for (name, error) in &self.failed {
            println!("\n── {name} ──\n{error:#}");
        }
        if self.failed.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = self.failed.iter().map(|(name, _)| name.as_str()).collect();
        bail!("{} of the checks failed: {}", names.len(), names.join(", "))
    }
}
