//! The backward pass of causal attention, which never holds scores of more than a block of queries and
//! a block of keys: weights come again from queries, keys and each row's log-sum (Dao et al.,
//! FlashAttention, 2022). With P the weights, dP = dO V^T and dS = P (dP - rowsum(dO O)):
//! dV = P^T dO, dK = scale dS^T Q, dQ = scale dS K.
const std = @import("std");
const simd = @import("../simd.zig");
const blocks = @import("causal_block.zig");
const head_rows = @import("head_rows.zig");
const CausalParts = @import("../causal_parts.zig").CausalParts;
const Scratch = @import("../table.zig").Scratch;
const Job = @import("../training_table.zig").CausalAttentionBackward;
const V = simd.V;
const lanes = simd.lanes;

const strip_rows = blocks.strip_rows;
const panel_keys = blocks.panel_keys;
const block_strips = blocks.block_strips;
const block_keys = blocks.block_keys;
const weight_stride = blocks.weight_stride;

/// Keys that a segment is a multiple of.
pub const key_step = block_keys;

fn dimOf(job: *const Job) usize {
    return std.mem.alignForward(usize, job.head_dim, lanes);
}

fn stripsOf(job: *const Job) usize {
    return std.math.divCeil(usize, job.length, strip_rows) catch unreachable;
}

pub fn scratchSize(job: *const Job) callconv(.c) usize {
    const rows = stripsOf(job) * strip_rows;
    const of_rows = rows * (5 * dimOf(job) + 3) + 2 * stripsOf(job);
    const of_keys = block_keys * 5 * dimOf(job);
    return (of_rows + of_keys + 2 * block_strips * strip_rows * weight_stride) * @sizeOf(f32) + 16 * 64;
}

/// One sequence, one query head, the keys of one segment.
pub fn run(
    job: *const Job,
    parts: *const CausalParts,
    sequence: u32,
    head: u32,
    segment: u32,
    scratch: Scratch,
) callconv(.c) void {
    const from = segment * parts.step;
    var item = Item.of(job, sequence, head, from, scratch);
    item.layOutQueries();
    const end = @min(job.length, from + parts.step);
    var first: usize = from;
    while (first < end) : (first += block_keys) {
        item.keyBlock(first, @min(block_keys, end - first));
        const keys, const values = item.placesOfKeys(parts, first);
        for (0..@min(block_keys, end - first)) |k| {
            writeRow(keys.start + k * keys.stride, item.key_gradient + k * item.dim, job.head_dim, job.scale);
            writeRow(values.start + k * values.stride, item.value_gradient + k * item.dim, job.head_dim, 1);
        }
    }
    const queries = item.placeOfQueries(parts, segment);
    for (from..job.length) |position| {
        const source = item.query_gradient + (position - item.base) * item.dim;
        writeRow(queries.start + position * queries.stride, source, job.head_dim, job.scale);
    }
}

/// Rows a stride apart.
const Place = struct { start: [*]f32, stride: usize };

fn writeRow(output: [*]f32, source: [*]const f32, width: usize, factor: f32) void {
    var d: usize = 0;
    while (d + lanes <= width) : (d += lanes) simd.store(output + d, simd.load(source + d) * simd.splat(factor));
    while (d < width) : (d += 1) output[d] = source[d] * factor;
}

/// What one item works on and in.
pub const Item = struct {
    job: *const Job,
    sequence: usize,
    head: usize,
    dim: usize,
    /// The first row that is laid out, a strip's, and how many strips there are from it on.
    base: usize,
    strip_count: usize,
    // Of rows from base on: [strips][dim][strip_rows], and [rows][dim].
    turned_queries: [*]f32,
    turned_gradients: [*]f32,
    queries: [*]f32,
    gradients: [*]f32,
    query_gradient: [*]f32,
    log_sums: [*]f32,
    /// rowsum(dO O).
    deltas: [*]f32,
    /// First position that a row sees; beyond all where there is no row.
    starts: [*]u32,
    /// The lowest and the highest start of each strip.
    lowest: [*]u32,
    highest: [*]u32,
    // Of the block of keys: [panels][dim][panel_keys], [keys][dim].
    turned_keys: [*]f32,
    turned_values: [*]f32,
    keys: [*]f32,
    key_gradient: [*]f32,
    value_gradient: [*]f32,
    // [rows of a block][weight_stride].
    weights: [*]f32,
    score_gradients: [*]f32,

    fn of(job: *const Job, sequence: usize, head: usize, from: usize, scratch: Scratch) Item {
        const base = from / strip_rows * strip_rows;
        const strip_count = stripsOf(job) - base / strip_rows;
        const rows = strip_count * strip_rows;
        var item: Item = undefined;
        item.job = job;
        item.sequence = sequence;
        item.head = head;
        item.dim = dimOf(job);
        item.base = base;
        item.strip_count = strip_count;
        var next: [*]align(64) u8 = scratch;
        inline for (.{ "turned_queries", "turned_gradients", "queries", "gradients", "query_gradient" }) |name| {
            @field(item, name) = take([*]f32, &next, rows * item.dim);
        }
        inline for (.{ "log_sums", "deltas" }) |name| @field(item, name) = take([*]f32, &next, rows);
        item.starts = take([*]u32, &next, rows);
        item.lowest = take([*]u32, &next, strip_count);
        item.highest = take([*]u32, &next, strip_count);
        inline for (.{ "turned_keys", "turned_values", "keys", "key_gradient", "value_gradient" }) |name| {
            @field(item, name) = take([*]f32, &next, block_keys * item.dim);
        }
        inline for (.{ "weights", "score_gradients" }) |name| {
            @field(item, name) = take([*]f32, &next, block_strips * strip_rows * weight_stride);
        }
        return item;
    }

    fn layOutQueries(self: *Item) void {
        const job = self.job;
        const count = job.length - self.base;
        const row = self.sequence * job.length + self.base;
        const at = self.head * job.head_dim;
        const width: usize = job.head_dim;
        const rows = self.strip_count * strip_rows;
        const queries: head_rows.Rows = .{ .start = job.query.? + row * job.query_stride + at, .stride = job.query_stride, .count = count, .width = width };
        const gradients: head_rows.Rows = .{ .start = job.output_gradient.? + row * job.output_stride + at, .stride = job.output_stride, .count = count, .width = width };
        head_rows.turn(strip_rows, queries, self.dim, self.turned_queries);
        head_rows.turn(strip_rows, gradients, self.dim, self.turned_gradients);
        head_rows.copy(queries, self.dim, self.queries);
        head_rows.copy(gradients, self.dim, self.gradients);
        for ([_][*]f32{ self.queries, self.gradients }) |values| @memset(values[count * self.dim .. rows * self.dim], 0);
        @memset(self.query_gradient[0 .. rows * self.dim], 0);
        const log_sum_stride = if (job.log_sum_stride == 0) job.heads else job.log_sum_stride;
        for (0..count) |r| {
            const output = job.output.? + (row + r) * job.output_stride + at;
            self.deltas[r] = dot(self.gradients + r * self.dim, output, width);
            self.log_sums[r] = job.log_sums.?[(row + r) * log_sum_stride + self.head];
            self.starts[r] = if (job.starts) |starts| starts[row + r] else 0;
        }
        @memset(self.deltas[count..rows], 0);
        @memset(self.log_sums[count..rows], 0);
        @memset(self.starts[count..rows], std.math.maxInt(u32));
        for (0..self.strip_count) |strip| {
            const starts = self.starts[strip * strip_rows ..][0..strip_rows];
            self.lowest[strip] = std.mem.min(u32, starts);
            self.highest[strip] = std.mem.max(u32, starts);
        }
    }

    /// Gradients of `count` keys from `first` on, and their part of the queries'.
    fn keyBlock(self: *Item, first: usize, count: usize) void {
        self.layOutKeys(first, count);
        var strip = (first - self.base) / strip_rows;
        while (strip < self.strip_count) : (strip += block_strips) {
            const block: blocks.Block = .{
                .item = self,
                .first = first,
                .panels = std.math.divCeil(usize, count, panel_keys) catch unreachable,
                .strip = strip,
                .strips = @min(block_strips, self.strip_count - strip),
            };
            block.add();
        }
    }

    fn layOutKeys(self: *Item, first: usize, count: usize) void {
        const job = self.job;
        const row = self.sequence * job.length + first;
        const at = self.head / (job.heads / job.kv_heads) * job.head_dim;
        const width: usize = job.head_dim;
        const keys: head_rows.Rows = .{ .start = job.keys.? + row * job.key_stride + at, .stride = job.key_stride, .count = count, .width = width };
        const values: head_rows.Rows = .{ .start = job.values.? + row * job.value_stride + at, .stride = job.value_stride, .count = count, .width = width };
        head_rows.turn(panel_keys, keys, self.dim, self.turned_keys);
        head_rows.turn(panel_keys, values, self.dim, self.turned_values);
        head_rows.copy(keys, self.dim, self.keys);
        @memset(self.keys[count * self.dim .. block_keys * self.dim], 0);
        @memset(self.key_gradient[0 .. block_keys * self.dim], 0);
        @memset(self.value_gradient[0 .. block_keys * self.dim], 0);
    }

    /// Where the gradients of keys and of values from position `first` on go.
    fn placesOfKeys(self: *const Item, parts: *const CausalParts, first: usize) struct { Place, Place } {
        const job = self.job;
        if (job.heads == job.kv_heads) {
            const row = self.sequence * job.length + first;
            const at = self.head * job.head_dim;
            return .{
                .{ .start = job.key_gradient.? + row * job.key_gradient_stride + at, .stride = job.key_gradient_stride },
                .{ .start = job.value_gradient.? + row * job.value_gradient_stride + at, .stride = job.value_gradient_stride },
            };
        }
        const at = ((self.sequence * job.heads + self.head) * job.length + first) * job.head_dim;
        return .{ .{ .start = parts.keys + at, .stride = job.head_dim }, .{ .start = parts.values + at, .stride = job.head_dim } };
    }

    /// Where those of queries go, from the sequence's first on.
    fn placeOfQueries(self: *const Item, parts: *const CausalParts, segment: usize) Place {
        const job = self.job;
        if (parts.segments > 1) {
            const heads = @as(usize, job.sequences) * job.heads;
            const at = ((segment - parts.first_segment) * heads + self.sequence * job.heads + self.head) * job.length * job.head_dim;
            return .{ .start = parts.queries + at, .stride = job.head_dim };
        }
        const row = self.sequence * job.length;
        return .{ .start = job.query_gradient.? + row * job.query_gradient_stride + self.head * job.head_dim, .stride = job.query_gradient_stride };
    }
};

fn take(comptime T: type, next: *[*]align(64) u8, count: usize) T {
    const place = next.*;
    next.* = @alignCast(place + std.mem.alignForward(usize, count * 4, 64));
    return @ptrCast(place);
}

fn dot(a: [*]const f32, b: [*]const f32, count: usize) f32 {
    var sums = simd.splat(0);
    var i: usize = 0;
    while (i + lanes <= count) : (i += lanes) sums = simd.mulAdd(V, simd.load(a + i), simd.load(b + i), sums);
    var total = simd.sumLanes(sums);
    while (i < count) : (i += 1) total += a[i] * b[i];
    return total;
}
