//! Bindings for other languages, without protocol logic. No other module imports them.
//!
//! There are two WebAssembly modules, so that programs that only authenticate do not load the decoder, and a Node-API addon.

#[cfg(feature = "wasm-explain")]
pub mod explain;
#[cfg(feature = "node")]
#[allow(unsafe_code, reason = "the macros of napi write it")]
pub mod node;
#[cfg(target_family = "wasm")]
mod runtime;
#[cfg(feature = "wasm")]
pub mod wasm;
