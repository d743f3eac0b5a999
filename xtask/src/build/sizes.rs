//! The package's sizes, checked against their budgets.

use super::one_file;
use super::wasm::Module;
use crate::{places, tools};
use anyhow::{Result, bail};
use std::path::Path;

/// The measured sizes.
pub struct Weighed {
    /// The table for display.
    pub table: String,
    over: Vec<String>,
}

impl Weighed {
    /// Returns an error if a module exceeds its budget.
    pub fn verdict(&self) -> Result<()> {
        if self.over.is_empty() {
            return Ok(());
        }
        bail!(
            "{} is over its budget: for a module, `twiggy top` on the file in target/wasm/ shows what it carries",
            self.over.join(" and ")
        )
    }
}

/// Raw and gzip limits of the code that users download.
const BROWSER: (u64, u64) = (u64::MAX, 64 << 10);
const ONE_FILE: (u64, u64) = (1_200 << 10, 600 << 10);

pub fn weigh(modules: &[Module], tarball: &Path) -> Result<Weighed> {
    let one_file = one_file::path();
    let measured = tools::node()?
        .args(["--input-type=module", "--eval", include_str!("sizes.mjs"), "--"])
        .args([places::template().join("node_modules"), places::package().join("dist/web.js")])
        .args([&one_file, &tarball.to_owned()])
        .args(modules.iter().map(|module| &module.optimised))
        .run()?;
    let mut rows = vec![
        ("NtlmClient in a browser".to_owned(), BROWSER),
        (places::shown(&one_file), ONE_FILE),
        (places::shown(tarball), (u64::MAX, u64::MAX)),
    ];
    rows.extend(
        modules.iter().map(|Module { kind, .. }| (format!("{}.wasm", kind.name), (kind.raw_limit, kind.gzip_limit))),
    );
    let mut table =
        format!("{:<28} {:>9} {:>9} {:>9}   budget (raw, gzip)\n", "size in bytes", "raw", "gzip", "brotli");
    let mut over = Vec::new();
    for ((name, (raw_limit, gzip_limit)), line) in rows.into_iter().zip(measured.lines()) {
        let sizes: Vec<u64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [raw, gzip, brotli] = sizes[..] else { bail!("unexpected line of sizes: {line}") };
        let limit = |limit: u64| if limit == u64::MAX { "-".to_owned() } else { limit.to_string() };
        table += &format!("{name:<28} {raw:>9} {gzip:>9} {brotli:>9}   {} {}\n", limit(raw_limit), limit(gzip_limit));
        if raw > raw_limit || gzip > gzip_limit {
            over.push(name);
        }
    }
    Ok(Weighed { table: table.trim_end().to_owned(), over })
}
