//! `cargo xtask lab`: the real servers of the interop tests, implemented in tests/lab.

use crate::places;
use crate::run::Program;
use anyhow::Result;

pub fn lab(arguments: &[String]) -> Result<()> {
    Program::new(places::root().join("tests/lab/lab")).args(arguments).show()
}
