//! What the standard library would bring, in a fraction of its size: memory, and the end of all things. The decoder has the
//! standard library, as serde-wasm-bindgen needs it.

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

#[global_allocator]
static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();

/// A panic is a fault of ours, never of the input. JavaScript sees a `RuntimeError: unreachable`, and its stack says where.
/// Nothing is formatted: the machinery for that and the texts would be a quarter of the module.
#[cfg(not(feature = "wasm-explain"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
