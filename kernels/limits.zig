//! The probes of the machine's limits behind the C ABI: all threads of the pool work at once, as in
//! the kernels whose figures are compared with them.
const std = @import("std");
const checks = @import("checks.zig");
const memory = @import("memory.zig");
const threads = @import("threads.zig");
const types = @import("table.zig");
const Limit = types.Limit;
const Result = checks.Result;

/// Parts of the work a thread: small enough that the last one keeps nobody waiting.
const parts = 16;
/// What a part of the memory is a multiple of.
const stride = 8192;

/// Does `count` units of work (table.Limit) on every thread of the pool, or goes through `count`
/// bytes of the buffer with all of them together, and tells the operations or bytes that it were.
/// What is to be read is to be written first: memory never touched is not there to be read.
pub fn run(table: *const types.Table, kind: u32, buffer: ?[*]u8, count: usize, done: *u64) Result {
    if (kind > @intFromEnum(Limit.integer_tile)) return .bad_type;
    const limit: Limit = @enumFromInt(kind);
    const in_memory = limit == .write or limit == .read;
    if (in_memory and buffer == null) return .null_pointer;
    if (in_memory and @intFromPtr(buffer) % @alignOf(f32) != 0) return .misaligned;
    threads.turn.take();
    defer threads.turn.give();
    const chunks = threads.count() * parts;
    const share = if (in_memory) std.mem.alignBackward(usize, count / chunks, stride) else count / parts;
    if (share == 0) return .bad_shape;
    if (limit == .write) memory.preferLargePages(buffer.?, count);
    const context: Context = .{ .table = table, .kind = kind, .buffer = buffer, .share = share };
    threads.parallel(chunks, &context, Context.range);
    done.* = @as(u64, share) * chunks * table.limit_operations(kind);
    return .ok;
}

const Context = struct {
    table: *const types.Table,
    kind: u32,
    buffer: ?[*]u8,
    share: usize,

    fn range(pointer: *const anyopaque, begin: u32, end: u32, _: u32) void {
        const self: *const Context = @ptrCast(@alignCast(pointer));
        var nothing: [1]u8 align(@alignOf(f32)) = .{0};
        const part = if (self.buffer) |start| start + begin * self.share else &nothing;
        std.mem.doNotOptimizeAway(self.table.limit(self.kind, part, (end - begin) * self.share));
    }
};
