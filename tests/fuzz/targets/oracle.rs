//! One program for all targets: the environment says which oracle it runs.
#![no_main]

#[path = "../oracles/mod.rs"]
mod oracles;

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

static ORACLE: OnceLock<oracles::Oracle> = OnceLock::new();

fuzz_target!(|input: &[u8]| ORACLE.get_or_init(chosen)(input));

fn chosen() -> oracles::Oracle {
    let name = std::env::var("ORACLE").unwrap_or_default();
    let known = || oracles::ORACLES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    match oracles::ORACLES.iter().find(|(known, _)| *known == name) {
        Some((_, oracle)) => *oracle,
        None => panic!("set ORACLE to one of: {}", known()),
    }
}
