//! The general f32 matrix product behind the C ABI: checks the job and cuts it after Goto and van de Geijn.
//! All threads pack a block of B; then each takes rows of A, packs them for itself and multiplies them
//! while they are in its cache. An element's sum is cut at places that depend on k alone, so its bits do
//! not depend on the number of threads.
const std = @import("std");
const checks = @import("checks.zig");
const memory = @import("memory.zig");
const scratch = @import("scratch.zig");
const threads = @import("threads.zig");
const types = @import("table.zig");
const blocks = @import("packed.zig");
const Packed = blocks.Packed;
const Result = checks.Result;

/// Most columns of a block of B, and most values: what a third-level cache holds beside all else.
const most_columns: usize = 2048;
const most_values: usize = 1 << 21;
/// Most rows of A that a thread packs at once: with 256 of k, 192 KB of its second-level cache.
const most_rows: usize = 192;
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
    const steps = stripsOf(job.k, depth);
    // As many columns as leave room for all of k, or for 2048 of it.
    const room = most_values / @min(steps * depth, 2048);
    const strips = evenly(stripsOf(job.n, tile.columns), @min(room, most_columns) / tile.columns);
    const columns = strips * tile.columns;
    const depths = evenly(steps, @max(1, most_values / (columns * depth)));
    const rows = @min(job.m, most_rows / tile.rows * tile.rows);
    const a_size = stripsOf(rows, tile.rows) * blocks.Tile.pitch(tile.rows, depth);
    const b_size = depths * strips * blocks.Tile.pitch(tile.columns, depth);
    if (!ensure(b_size * 4) or !scratch.ensure(a_size * 4)) return .out_of_memory;
    var product: Product = .{ .table = table, .job = job, .step = depth };
    while (product.column < job.n) : (product.column += columns) {
        product.columns = @min(columns, job.n - product.column);
        product.depth = 0;
        while (product.depth < job.k) : (product.depth += depths * depth) {
            product.k = @min(depths * depth, job.k - product.depth);
            product.run();
        }
    }
    return .ok;
}

/// Where B is packed; grown when a product needs more and kept.
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

/// All rows by a block of B: so many columns, and so much of k in steps that are packed apart.
const Product = struct {
    table: *const types.Table,
    job: *const types.Gemm,
    step: usize,
    column: usize = 0,
    columns: usize = undefined,
    depth: usize = undefined,
    k: usize = undefined,
    row_parts: usize = undefined,
    column_parts: usize = undefined,

    fn run(self: *Product) void {
        const packs: u32 = @intCast(stripsOf(self.k, self.step) * self.columnStrips());
        const alone = threads.count() == 1 or self.job.m * self.columns * self.k < small;
        self.split(if (alone) 1 else threads.count());
        const parts: u32 = @intCast(self.row_parts * self.column_parts);
        if (alone) {
            pack(self, 0, packs, 0);
            multiply(self, 0, parts, 0);
        } else {
            threads.parallel(packs, self, pack);
            threads.parallel(parts, self, multiply);
        }
    }

    /// As many parts of rows for each thread; parts of columns where there are too few rows to be shared out.
    fn split(self: *Product, count: usize) void {
        const strips = stripsOf(self.job.m, self.table.gemm_tile.rows);
        const most = most_rows / self.table.gemm_tile.rows;
        const few = strips < 2 * count and strips <= most and self.columnStrips() >= count;
        self.row_parts = if (few) 1 else @min(strips, stripsOf(stripsOf(strips, most), count) * count);
        self.column_parts = @min(self.columnStrips(), stripsOf(count, self.row_parts));
    }

    fn columnStrips(self: *const Product) usize {
        return stripsOf(self.columns, self.table.gemm_tile.columns);
    }

    /// A part of the block, of one step of k.
    fn at(self: *const Product, step: usize) Packed {
        const pitch = blocks.Tile.pitch(self.table.gemm_tile.columns, self.step);
        const b: [*]f32 = @ptrCast(@alignCast(space.?.ptr));
        return .{
            .a = undefined,
            .b = b + step * self.columnStrips() * pitch,
            .row = undefined,
            .rows = undefined,
            .column = self.column,
            .columns = self.columns,
            .depth = self.depth + step * self.step,
            .k = @min(self.step, self.k - step * self.step),
        };
    }

    fn pack(pointer: *const anyopaque, begin: u32, end: u32, _: u32) void {
        const self: *const Product = @ptrCast(@alignCast(pointer));
        const strips = self.columnStrips();
        var next: usize = begin;
        while (next < end) {
            const step = next / strips;
            const last = @min(end, (step + 1) * strips);
            self.table.gemm_pack_b(self.job, &self.at(step), next - step * strips, last - step * strips);
            next = last;
        }
    }

    fn multiply(pointer: *const anyopaque, begin: u32, end: u32, worker: u32) void {
        const self: *const Product = @ptrCast(@alignCast(pointer));
        const column_strips = self.columnStrips();
        const steps = stripsOf(self.k, self.step);
        var block = self.ofRows(begin, 0);
        for (begin..end) |index| {
            const side = index % self.column_parts;
            const first = side * column_strips / self.column_parts;
            const last = (side + 1) * column_strips / self.column_parts;
            for (0..steps) |step| {
                const next = if (step + 1 < steps)
                    self.ofRows(index, step + 1)
                else if (index + 1 < end)
                    self.ofRows(index + 1, 0)
                else
                    null;
                block.a = @ptrCast(scratch.of(worker));
                if (next) |rows| block.next = self.inA(&rows);
                self.table.gemm_pack_a(self.job, &block);
                self.table.gemm_multiply(self.job, &block, first, last);
                if (next) |rows| block = rows;
            }
        }
    }

    /// A part of the rows, of one step of k.
    fn ofRows(self: *const Product, index: usize, step: usize) Packed {
        const height = self.table.gemm_tile.rows;
        const strips = stripsOf(self.job.m, height);
        const part = index / self.column_parts;
        var block = self.at(step);
        block.row = part * strips / self.row_parts * height;
        block.rows = @min(self.job.m, (part + 1) * strips / self.row_parts * height) - block.row;
        return block;
    }

    /// Where A has them.
    fn inA(self: *const Product, block: *const Packed) blocks.Rows {
        const stride: usize = self.job.a_stride;
        const along, const across, const length, const count = if (self.job.a_transposed != 0)
            .{ block.row, block.depth, block.rows, block.k }
        else
            .{ block.depth, block.row, block.k, block.rows };
        return .{
            .start = self.job.a.? + across * stride + along,
            .stride = stride,
            .count = count,
            .lines = stripsOf(length, 16) + 1,
        };
    }
};

test "few rows by few columns are shared out among many threads" {
    var table: types.Table = undefined;
    table.gemm_tile = .{ .rows = 12, .columns = 16, .depth = 256 };
    var job: types.Gemm = undefined;
    const shapes = [_]struct { m: u32, columns: usize, threads: usize, rows: usize, strips: usize }{
        // One strip of columns: by rows.
        .{ .m = 192, .columns = 16, .threads = 16, .rows = 16, .strips = 1 },
        .{ .m = 36, .columns = 16, .threads = 2, .rows = 2, .strips = 1 },
        // Strips enough: each thread takes all rows.
        .{ .m = 36, .columns = 64, .threads = 2, .rows = 1, .strips = 2 },
    };
    for (shapes) |shape| {
        job.m = shape.m;
        var product: Product = .{ .table = &table, .job = &job, .step = 256, .columns = shape.columns };
        product.split(shape.threads);
        try std.testing.expectEqual(shape.rows, product.row_parts);
        try std.testing.expectEqual(shape.strips, product.column_parts);
    }
}
