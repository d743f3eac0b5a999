//! Bindings for other languages: one shape, no logic. Imported by nobody.
//!
//! There are three modules of WebAssembly, so that who makes tokens need not load what explains them, nor what reads certificates, and
//! an addon for Node-API.

#[cfg(feature = "wasm-certificate")]
pub mod certificate;
#[cfg(feature = "wasm-explain")]
pub mod explain;
#[cfg(feature = "node")]
#[allow(unsafe_code, reason = "the macros of napi write it")]
pub mod node;
#[cfg(target_family = "wasm")]
mod runtime;
#[cfg(feature = "wasm")]
pub mod wasm;
