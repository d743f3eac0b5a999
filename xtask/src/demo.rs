//! `cargo xtask demo`: shows one handshake through the built-in proxy.

use crate::{build, places, tools};
use anyhow::Result;

pub fn demo() -> Result<()> {
    build::make()?;
    tools::node()?.arg(places::root().join("tests/demo/demo.mjs")).show()
}
