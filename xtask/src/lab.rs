//! `cargo xtask lab`: the real servers of the interop tests. All of it is in tests/lab; this is only the entry.

use crate::places;
use crate::run::Program;
use anyhow::Result;

pub fn lab(arguments: &[String]) -> Result<()> {
    Program::new(places::root().join("tests/lab/lab")).args(arguments).show()
}
