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
            wipe(place, layout.size());
            self.0.dealloc(place, layout);
        }
    }
}

/// The largest block that is wiped word by word. Most blocks are smaller, and V8 calls a C function for `memory.fill`.
const SMALL: usize = 128;

/// Overwrites `size` bytes at `place`, which the caller owns. The optimizer keeps the writes although the bytes are not read again.
unsafe fn wipe(place: *mut u8, size: usize) {
    let words = place.cast::<u32>();
    if size > SMALL || !words.is_aligned() {
        // SAFETY: guaranteed by the caller.
        unsafe { place.write_bytes(0, size) };
        core::hint::black_box(place);
        return;
    }
    // SAFETY: all words and the bytes after them are within the `size` bytes, and the words are aligned.
    unsafe {
        for i in 0..size / 4 {
            words.add(i).write_volatile(0);
        }
        for i in size / 4 * 4..size {
            place.add(i).write_volatile(0);
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
