//! Working memory of each thread of the pool, for jobs that need more than registers: grown when a
//! job needs more, and kept.
const memory = @import("memory.zig");
const table = @import("table.zig");
const threads = @import("threads.zig");

var pages: [threads.max_threads]?memory.Pages = @splat(null);

/// At least `size` bytes for each thread; false where there is no memory. Needs the turn.
pub fn ensure(size: usize) bool {
    for (pages[0..threads.count()]) |*slot| if (!grow(slot, size)) return false;
    return true;
}

pub fn of(worker: u32) table.Scratch {
    return if (pages[worker]) |p| @alignCast(p.ptr) else undefined;
}

/// At least `size` bytes in `slot`, whose content is lost where it was smaller.
pub fn grow(slot: *?memory.Pages, size: usize) bool {
    const held = if (slot.*) |p| p.len else 0;
    if (held >= size) return true;
    const larger = memory.reserve(size) catch return false;
    if (slot.*) |p| memory.release(p.ptr, p.len);
    slot.* = larger;
    return true;
}
