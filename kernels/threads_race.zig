//! The pool's stress test as a program of its own, built with ThreadSanitizer (`zig build race`).
const threads = @import("threads.zig");

pub fn main() !void {
    try threads.stress(4, 20_000);
}
