//! What the package weighs, against its budgets.

use super::wasm::Module;
use crate::{places, tools};
use anyhow::{Result, bail};
use std::fs;
use std::path::Path;

/// Prints the table; a module over its budget is an error.
pub fn report(modules: &[Module], tarball: &Path) -> Result<()> {
    let measured = tools::node()?
        .args(["--input-type=module", "--eval", include_str!("sizes.mjs"), "--"])
        .args(modules.iter().map(|module| &module.optimised))
        .run()?;
    println!("\n{:<24} {:>9} {:>9} {:>9}   budget (raw, gzip)", "size in bytes", "raw", "gzip", "brotli");
    let mut over = Vec::new();
    for (module, line) in modules.iter().zip(measured.lines()) {
        let sizes: Vec<u64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [raw, gzip, brotli] = sizes[..] else { bail!("unexpected line of sizes: {line}") };
        let kind = module.kind;
        let name = format!("{}.wasm", kind.name);
        println!("{name:<24} {raw:>9} {gzip:>9} {brotli:>9}   {} {}", kind.raw_limit, kind.gzip_limit);
        if raw > kind.raw_limit || gzip > kind.gzip_limit {
            over.push(name);
        }
    }
    println!("{:<24} {:>9}\n", places::shown(tarball), fs::metadata(tarball)?.len());
    if over.is_empty() {
        return Ok(());
    }
    bail!("{} is over its budget: see what it carries, for example with `twiggy top`", over.join(" and "))
}
