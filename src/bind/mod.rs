//! Bindings for other languages: one shape, no logic. Imported by nobody.
//!
//! There are two modules of WebAssembly, so that who makes tokens need not load what explains them.

#[cfg(feature = "wasm-explain")]
pub mod explain;
#[cfg(target_family = "wasm")]
mod runtime;
#[cfg(feature = "wasm")]
pub mod wasm;
