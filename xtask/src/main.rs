//! The developer commands: `cargo xtask <command>`.
fn main() {}
