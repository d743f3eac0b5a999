//! Builds an optimized module from the crate: cargo, wasm-bindgen as a library, wasm-opt.

use super::errors;
use super::manifest::{self, Manifest};
use crate::stamp::Inputs;
use crate::{places, tools};
use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// A module in the package, and its size limits in bytes.
pub struct Kind {
    pub name: &'static str,
    pub feature: &'static str,
    pub raw_limit: u64,
    pub gzip_limit: u64,
}

pub const KINDS: &[Kind] = &[
    Kind { name: "tokens", feature: "wasm", raw_limit: 104 << 10, gzip_limit: 46 << 10 },
    Kind { name: "explain", feature: "wasm-explain", raw_limit: 80 << 10, gzip_limit: 39 << 10 },
];

/// A module that has been built.
pub struct Module {
    pub kind: &'static Kind,
    pub optimised: PathBuf,
}

/// Builds the module and the files that TypeScript imports. Returns false if nothing has changed.
///
/// `NAME.js` and `NAME.d.ts` are created by wasm-bindgen; `NAME-wasm.js` contains the module's bytes.
pub fn build(kind: &'static Kind, manifest: &Manifest, generated: &Path) -> Result<(Module, bool)> {
    let raw = compile(kind)?;
    fs::create_dir_all(generated)?;
    let file = |suffix: &str| generated.join(format!("{}{suffix}", kind.name));
    let optimised = file(".wasm");
    let (version, version_types) = (generated.join("version.js"), generated.join("version.d.ts"));
    let made = [".js", ".d.ts", "-wasm.js", "-wasm.d.ts"].map(file).into_iter();
    let made: Vec<_> =
        made.chain([optimised.clone(), generated.join("errors.js"), version.clone(), version_types.clone()]).collect();
    let done = Inputs::of(kind.name)
        .file(&raw)
        .file(&places::template().join("package-lock.json"))
        .value(&manifest.version)
        .value(include_str!("wasm.rs"))
        .value(include_str!("errors.rs"))
        .value(include_str!("../../../src/error.rs"))
        .unless_fresh(generated, &made, || {
            manifest::check_wasm_bindgen_versions()?;
            let mut output = Bindgen::new()
                .input_path(&raw)
                .web(true)?
                .typescript(true)
                .omit_default_module_path(true)
                .remove_producers_section(true)
                .generate_output()
                .context("wasm-bindgen could not read the module")?;
            fs::write(file(".js"), output.js())?;
            fs::write(file(".d.ts"), output.ts().unwrap_or_default())?;
            let bound = raw.with_extension("bound.wasm");
            fs::write(&bound, output.wasm_mut().emit_wasm())?;
            optimise(&bound, &optimised)?;
            errors::write(generated)?;
            // Reading the version must not instantiate the module.
            fs::write(&version, format!("export const packageVersion = {:?};\n", manifest.version))?;
            fs::write(&version_types, "export const packageVersion: string;\n")?;
            let base64 = STANDARD.encode(fs::read(&optimised)?);
            let script =
                format!("import {{ bytesOf }} from '../bytes.js';\nexport const wasm = () => bytesOf('{base64}');\n");
            fs::write(file("-wasm.js"), script)?;
            fs::write(file("-wasm.d.ts"), "/** The bytes of the module. */\nexport function wasm(): Uint8Array;\n")?;
            Ok(())
        })?;
    Ok((Module { kind, optimised }, done))
}

/// Each module has a target directory, because cargo names a wasm cdylib the same for all features.
fn compile(kind: &Kind) -> Result<PathBuf> {
    let target = places::target().join("wasm").join(kind.name);
    tools::cargo()
        .args(["rustc", "--package", "ntlm-wasm", "--lib", "--crate-type", "cdylib", "--profile", "wasm"])
        .args(["--target", "wasm32-unknown-unknown", "--no-default-features", "--features", kind.feature])
        .arg("--target-dir")
        .arg(&target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags())
        .run()
        .context("the crate does not compile to wasm")?;
    Ok(target.join("wasm32-unknown-unknown/wasm/ntlm_wasm.wasm"))
}

/// SHA-2 is used only for certificates, once per connection: without unrolling it is 14 KB smaller.
const COMPACT_HASHES: &str = "--cfg=sha2_backend_soft=\"compact\"";

/// The inlining thresholds, without and with a hint. The defaults (50, 325) add 10 KB at the same speed.
const INLINING: [&str; 2] = ["-Cllvm-args=-inline-threshold=25", "-Cllvm-args=-inlinehint-threshold=50"];

/// The features of WebAssembly that the modules may use, as the linker records them for wasm-bindgen: the compiler's defaults without
/// `multivalue`. An exported function with several results gets a wrapper that V8 compiles when it loads the module, which
/// takes as long as loading the rest of it.
const FEATURES: [&str; 2] = [
    "-Clink-arg=--features=bulk-memory,bulk-memory-opt,mutable-globals,nontrapping-fptoint,reference-types,sign-ext",
    "-Clink-arg=--no-check-features",
];

/// Panic locations would put the builder's paths into the published module and make builds differ.
fn flags() -> String {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    let registry = home.unwrap_or_default().join("registry/src");
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    let linked = FEATURES.join("\u{1f}");
    [
        COMPACT_HASHES.into(),
        INLINING.join("\u{1f}"),
        linked,
        remap(&registry, "crates"),
        remap(&places::root(), "ntlm-wasm"),
    ]
    .join("\u{1f}")
}

/// Facts that the optimizer cannot infer: the first KiB is unused, because the stack ends there, and memory is initially zero.
const KNOWN: [&str; 2] = ["--low-memory-unused", "--zero-filled-memory"];

/// Names, producers and features are of no use to users of the package; rustc 1.88 and later emit the features. Flat code without
/// nested expressions exposes more code to share: it makes the module 2 % smaller.
fn optimise(from: &Path, to: &Path) -> Result<()> {
    tools::npm_bin(&places::template(), "wasm-opt")
        .args(KNOWN)
        .args(["--strip-debug", "--strip-producers", "--strip-target-features"])
        .args(["--flatten", "--local-cse", "--rereloop", "-Oz", "-Oz", "--converge"])
        .arg(from)
        .arg("--output")
        .arg(to)
        .run()
        .context("wasm-opt could not optimise the module")?;
    Ok(())
}
