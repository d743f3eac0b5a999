//! The allocator and the panic handler of the modules. The decoder uses the standard library, which serde-wasm-bindgen requires.

use core::alloc::{GlobalAlloc, Layout};
use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

/// An allocator that wipes the memory it frees. Every string and array passed to or from JavaScript is freed here, passwords included.
struct WipingAllocator(WasmDynamicTalc);

// SAFETY: memory comes from and returns to `talc` with the caller's layout; wiping touches only the bytes being freed.
// `realloc` is the default one: it allocates, copies, and frees the old memory through `dealloc`.
unsafe impl GlobalAlloc for WipingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: guaranteed by the caller.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller owns `layout.size()` bytes at `place`.
        unsafe {
            core::ptr::write_bytes(place, 0, layout.size());
            // The optimizer must not drop the write although the bytes are not read again.
            core::hint::black_box(place);
            self.0.dealloc(place, layout);
        }
    }
}

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator(new_wasm_dynamic_allocator());

/// A panic is a bug of this crate, never caused by input. JavaScript gets a `RuntimeError: unreachable` with a stack trace.
/// Formatting the message would take a quarter of the module.
#[cfg(not(feature = "wasm-explain"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
