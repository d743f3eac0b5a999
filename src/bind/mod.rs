//! Bindings for other languages: one shape, no logic. Imported by nobody.

pub mod wasm;
