//! Causal attention of whole sequences, forwards, for training: of packed documents, a row sees its own
//! from where that starts. Keys and values are laid out once for an item, then its queries take them
//! strip by strip as in inference, from left to right in chunks at fixed positions.
const std = @import("std");
const simd = @import("../simd.zig");
const strips = @import("attention_strip.zig");
const head_rows = @import("head_rows.zig");
const layout = @import("../cache_layout.zig");
const Floats = @import("attention_floats.zig").Floats;
const Scratch = @import("../table.zig").Scratch;
const Job = @import("../training_table.zig").CausalAttention;
const lanes = simd.lanes;
const chunk_size = strips.chunk_size;

/// Queries that take a chunk while it is near.
const block_rows = 16 * strips.rows_max;

pub fn scratchSize(job: *const Job) callconv(.c) usize {
    return (2 * keysOf(job) * dimOf(job) + 2 * block_rows * dimOf(job) + strips.scores_size) * @sizeOf(f32);
}

/// A head's elements, in whole vectors.
fn dimOf(job: *const Job) usize {
    return std.mem.alignForward(usize, job.head_dim, lanes);
}

fn keysOf(job: *const Job) usize {
    return std.mem.alignForward(usize, job.length, chunk_size);
}

/// Positions [begin, end) of one sequence: all query heads of one KV head.
pub fn run(job: *const Job, sequence: u32, kv_head: u32, begin: u32, end: u32, scratch: Scratch) callconv(.c) void {
    const dim = dimOf(job);
    const memory: [*]f32 = @ptrCast(scratch);
    var item: Item = .{
        .job = job,
        .row = @as(usize, sequence) * job.length,
        .dim = dim,
        .keys = memory,
        .values = memory + keysOf(job) * dim,
        .queries = memory + 2 * keysOf(job) * dim,
        .sums = memory + (2 * keysOf(job) + block_rows) * dim,
        .scores = memory + (2 * keysOf(job) + 2 * block_rows) * dim,
    };
    item.layOut(kv_head, item.firstSeen(begin, end) / chunk_size * chunk_size, end);
    const group = job.heads / job.kv_heads;
    for (0..group) |member| {
        var first: usize = begin;
        while (first < end) : (first += block_rows) {
            item.block(kv_head * group + member, first, @min(end, first + block_rows));
        }
    }
}

const Item = struct {
    job: *const Job,
    /// The sequence's first.
    row: usize,
    dim: usize,
    /// [positions / 16][dim][16].
    keys: [*]f32,
    /// [positions][dim].
    values: [*]f32,
    queries: [*]f32,
    sums: [*]f32,
    scores: [*]f32,

    fn startOf(self: *const Item, position: usize) usize {
        return if (self.job.starts) |starts| starts[self.row + position] else 0;
    }

    fn firstSeen(self: *const Item, begin: usize, end: usize) usize {
        var first = end;
        for (begin..end) |position| first = @min(first, self.startOf(position));
        return first;
    }

    fn layOut(self: *Item, kv_head: usize, from: usize, end: usize) void {
        const job = self.job;
        const at = kv_head * job.head_dim;
        const row = self.row + from;
        const width: usize = job.head_dim;
        const count = end - from;
        head_rows.turn(
            layout.block,
            .{ .start = job.keys.? + row * job.key_stride + at, .stride = job.key_stride, .count = count, .width = width },
            self.dim,
            self.keys + from * self.dim,
        );
        head_rows.copy(
            .{ .start = job.values.? + row * job.value_stride + at, .stride = job.value_stride, .count = count, .width = width },
            self.dim,
            self.values + from * self.dim,
        );
    }

    fn block(self: *Item, head: usize, begin: usize, end: usize) void {
        const job = self.job;
        const count = end - begin;
        var rows: [block_rows]strips.Row = undefined;
        for (rows[0..count], begin..) |*row, position| {
            row.* = .{ .first = self.startOf(position), .end = position + 1 };
        }
        @memset(self.sums[0 .. count * self.dim], 0);
        const query = job.query.? + (self.row + begin) * job.query_stride + head * job.head_dim;
        const source: head_rows.Rows = .{ .start = query, .stride = job.query_stride, .count = count, .width = job.head_dim };
        head_rows.turn(strips.rows_max, source, self.dim, self.queries);
        var start = self.firstSeen(begin, end) / chunk_size * chunk_size;
        while (start < end) : (start += chunk_size) self.chunk(rows[0..count], start, end);
        for (rows[0..count], 0..) |row, r| self.write(row, head, begin + r, self.sums + r * self.dim);
    }

    fn chunk(self: *Item, rows: []strips.Row, start: usize, end: usize) void {
        const given: strips.Chunk = .{
            .start = start,
            .count = @min(chunk_size, end - start),
            .head_dim = self.job.head_dim,
            .dim = self.dim,
            .scale = self.job.scale * std.math.log2e,
        };
        const source: Floats(f32) = .{ .keys = self.keys + start * self.dim, .values = self.values + start * self.dim };
        var first: usize = 0;
        while (first < rows.len) : (first += strips.rows_max) {
            strips.run(.{
                .rows = rows[first..@min(rows.len, first + strips.rows_max)],
                .queries = self.queries + first * self.dim,
                .sums = self.sums + first * self.dim,
                .scores = self.scores,
            }, given, source);
        }
    }

    fn write(self: *const Item, row: strips.Row, head: usize, position: usize, sums: [*]const f32) void {
        const job = self.job;
        const output = job.output.? + (self.row + position) * job.output_stride + head * job.head_dim;
        const inverse = 1 / row.total;
        var d: usize = 0;
        while (d + lanes <= job.head_dim) : (d += lanes) {
            simd.store(output + d, simd.load(sums + d) * simd.splat(inverse));
        }
        while (d < job.head_dim) : (d += 1) output[d] = sums[d] * inverse;
        job.log_sums.?[(self.row + position) * job.heads + head] = row.highest + @log2(row.total);
    }
};
