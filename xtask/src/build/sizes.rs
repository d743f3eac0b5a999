//! What the package weighs, against its budgets.

use super::wasm::Module;
use crate::{places, tools};
use anyhow::{Result, bail};
use std::fs;
use std::path::Path;

/// Sizes, measured.
pub struct Weighed {
    /// For the eye.
    pub table: String,
    over: Vec<String>,
}

impl Weighed {
    /// A module over its budget is an error.
    pub fn verdict(&self) -> Result<()> {
        if self.over.is_empty() {
            return Ok(());
        }
        bail!(
            "{} is over its budget: see what it carries with `twiggy top` on the module in target/wasm/",
            self.over.join(" and ")
        )
    }
}

pub fn weigh(modules: &[Module], tarball: &Path) -> Result<Weighed> {
    let measured = tools::node()?
        .args(["--input-type=module", "--eval", include_str!("sizes.mjs"), "--"])
        .args(modules.iter().map(|module| &module.optimised))
        .run()?;
    let mut table =
        format!("{:<28} {:>9} {:>9} {:>9}   budget (raw, gzip)\n", "size in bytes", "raw", "gzip", "brotli");
    let mut over = Vec::new();
    for (module, line) in modules.iter().zip(measured.lines()) {
        let sizes: Vec<u64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [raw, gzip, brotli] = sizes[..] else { bail!("unexpected line of sizes: {line}") };
        let kind = module.kind;
        let name = format!("{}.wasm", kind.name);
        table += &format!("{name:<28} {raw:>9} {gzip:>9} {brotli:>9}   {} {}\n", kind.raw_limit, kind.gzip_limit);
        if raw > kind.raw_limit || gzip > kind.gzip_limit {
            over.push(name);
        }
    }
    table += &format!("{:<28} {:>9}", places::shown(tarball), fs::metadata(tarball)?.len());
    Ok(Weighed { table, over })
}
