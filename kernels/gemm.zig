//! The general f32 matrix product behind the C ABI: checks the job, cuts it into blocks, and has
//! all threads pack a block, then multiply it. An element's sum is cut at places that depend on k
//! alone, so its bits do not depend on the number of threads.
const std = @import("std");
const checks = @import("checks.zig");
const memory = @import("memory.zig");
const scratch = @import("scratch.zig");
const threads = @import("threads.zig");
const types = @import("table.zig");
const blocks = @import("packed.zig");
const Packed = blocks.Packed;
const Result = checks.Result;

/// Most rows and columns of a block: with 256 of k, 2 MB each.
const most_rows = 2112;
const most_columns = 2048;
/// Multiply-adds that are not worth waking another thread.
const small = 1 << 17;

pub fn run(table: *const types.Table, job: *const types.Gemm) Result {
    if (job.a == null or job.b == null or job.c == null) return .null_pointer;
    if (job.m == 0 or job.n == 0 or job.m > 1 << 28 or job.n > 1 << 28) return .bad_shape;
    const a_width = if (job.a_transposed != 0) job.m else job.k;
    const b_width = if (job.b_transposed != 0) job.k else job.n;
    if (job.a_stride < a_width or job.b_stride < b_width or job.c_stride < job.n) return .bad_shape;
    if (!checks.fieldsAligned(job, &.{ "a", "b", "c" })) return .misaligned;
    if (job.k == 0) {
        if (job.accumulate != 0) return .ok;
        for (0..job.m) |i| @memset((job.c.? + i * job.c_stride)[0..job.n], 0);
        return .ok;
    }
    threads.turn.take();
    defer threads.turn.give();
    const tile = table.gemm_tile;
    const depth = evenly(job.k, tile.depth);
    const a_size = stripsOf(@min(most_rows, job.m), tile.rows) * tile.rows * depth;
    const b_size = stripsOf(@min(most_columns, job.n), tile.columns) * tile.columns * depth;
    const a_bytes = std.mem.alignForward(usize, a_size * 4, memory.alignment);
    if (!ensure(a_bytes + b_size * 4)) return .out_of_memory;
    var block: Packed = undefined;
    block.a = @ptrCast(@alignCast(space.?.ptr));
    block.b = @ptrCast(@alignCast(space.?.ptr + a_bytes));
    block.column = 0;
    while (block.column < job.n) : (block.column += most_columns) {
        block.columns = @min(most_columns, job.n - block.column);
        block.depth = 0;
        while (block.depth < job.k) : (block.depth += depth) {
            block.k = @min(depth, job.k - block.depth);
            block.row = 0;
            while (block.row < job.m) : (block.row += most_rows) {
                block.rows = @min(most_rows, job.m - block.row);
                oneBlock(table, job, &block);
            }
        }
    }
    return .ok;
}

/// Where blocks are packed; grown when a product needs more and kept.
var space: ?memory.Pages = null;

fn ensure(size: usize) bool {
    const held = if (space) |pages| pages.len else 0;
    if (!scratch.grow(&space, size)) return false;
    if (space.?.len > held) memory.preferLargePages(space.?.ptr, space.?.len);
    return true;
}

fn stripsOf(count: usize, size: usize) usize {
    return std.math.divCeil(usize, count, size) catch unreachable;
}

/// `total` in as few equal parts as `most` allows: the size of one.
fn evenly(total: usize, most: usize) usize {
    return stripsOf(total, stripsOf(total, most));
}

fn oneBlock(table: *const types.Table, job: *const types.Gemm, block: *const Packed) void {
    const alone = threads.count() == 1 or block.rows * block.columns * block.k < small;
    var context: Context = .{
        .table = table,
        .job = job,
        .block = block,
        .row_strips = stripsOf(block.rows, table.gemm_tile.rows),
        .column_strips = stripsOf(block.columns, table.gemm_tile.columns),
    };
    const strips: u32 = @intCast(context.row_strips + context.column_strips);
    if (alone) return context.onThisThread(strips);
    threads.parallel(strips, &context, Context.pack);
    context.split(threads.count());
    threads.parallel(@intCast(context.row_parts * context.column_parts), &context, Context.multiply);
}

const Context = struct {
    table: *const types.Table,
    job: *const types.Gemm,
    block: *const Packed,
    row_strips: usize,
    column_strips: usize,
    row_parts: usize = 1,
    column_parts: usize = 1,

    /// Parts of equal size, some for each thread: columns first, as they divide more evenly.
    fn split(self: *Context, count: usize) void {
        self.column_parts = @min(count, self.column_strips);
        self.row_parts = @min(4 * count / self.column_parts, self.row_strips);
    }

    fn onThisThread(self: *const Context, strips: u32) void {
        pack(self, 0, strips, 0);
        multiply(self, 0, 1, 0);
    }

    fn pack(pointer: *const anyopaque, begin: u32, end: u32, _: u32) void {
        const self: *const Context = @ptrCast(@alignCast(pointer));
        self.table.gemm_pack(self.job, self.block, begin, end);
    }

    /// Parts one below the other, so that a thread's share reads the same columns of B.
    fn multiply(pointer: *const anyopaque, begin: u32, end: u32, _: u32) void {
        const self: *const Context = @ptrCast(@alignCast(pointer));
        for (begin..end) |index| {
            const row = index % self.row_parts;
            const column = index / self.row_parts;
            self.table.gemm_multiply(self.job, self.block, &.{
                .row_begin = row * self.row_strips / self.row_parts,
                .row_end = (row + 1) * self.row_strips / self.row_parts,
                .column_begin = column * self.column_strips / self.column_parts,
                .column_end = (column + 1) * self.column_strips / self.column_parts,
            });
        }
    }
};
