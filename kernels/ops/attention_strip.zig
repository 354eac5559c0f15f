//! A strip of query rows against one chunk of keys: scores, softmax from the chunk's own maximum, and
//! the values, joined to what earlier chunks gave. A row's bits do not depend on the rows beside it:
//! what it does not see has weight 0, and adding 0 changes nothing.
const std = @import("std");
const simd = @import("../simd.zig");
const tile = @import("register_tile.zig");
const V = simd.V;
const lanes = simd.lanes;

const attention_parts = @import("../attention_parts.zig");
const chunk_size = attention_parts.chunk_size;
const turned_keys = attention_parts.turned_keys;
/// Query rows of a strip.
pub const rows_max = tile.rows;
/// Not a power of two: the rows of scores then lie in different sets of the cache.
const score_stride = chunk_size + 16;
pub const scores_size = rows_max * score_stride;

/// Rows that a tile is compiled for: a strip takes the smallest that holds it.
const sizes = if (rows_max == 12) .{ 1, 2, 3, 4, 6, 8, 12 } else .{ 1, 2, 3, 4, 6 };

/// Vectors beside each other in a tile of m rows: enough sums to hide the latency of one.
fn vectorsFor(comptime m: usize) usize {
    return if (m * 4 + 5 <= 2 * rows_max + 4) 4 else 2;
}

/// One query: what positions it sees, [first, end), and its running softmax. Exponents are of 2.
pub const Row = struct {
    first: usize,
    end: usize,
    highest: f32 = -std.math.inf(f32),
    total: f32 = 0,
};

pub fn Chunk(comptime T: type) type {
    return struct {
        /// [blocks of turned_keys][dim][turned_keys].
        keys: [*]const T,
        /// [count][dim].
        values: [*]const T,
        start: usize,
        count: usize,
        /// Elements of a head, and of a row of values.
        head_dim: usize,
        dim: usize,
        /// What scores are multiplied with, for exponents of 2.
        scale: f32,
    };
}

pub const Strip = struct {
    rows: []Row,
    /// [head_dim][rows_max].
    queries: [*]const f32,
    /// [rows][dim].
    sums: [*]f32,
    scores: [*]f32,
};

/// Factors of what was summed before and of this chunk.
const Join = struct { old: f32 = 1, new: f32 = 0 };

/// Joins another part of the keys, of which `highest` and `total` are given, to a row's softmax.
pub fn join(row: *Row, highest: f32, total: f32) Join {
    if (total == 0) return .{};
    // The larger of the two keeps its weights: its factor is 2^0.
    const factor = simd.scalar(simd.exp2, -@abs(row.highest - highest));
    const higher = highest > row.highest;
    const factors: Join = .{ .old = if (higher) factor else 1, .new = if (higher) 1 else factor };
    row.highest = @max(row.highest, highest);
    row.total = row.total * factors.old + total * factors.new;
    return factors;
}

/// sums * old + part * new.
pub inline fn joinVector(sums: V, part: V, factors: Join) V {
    return sums * simd.splat(factors.old) + part * simd.splat(factors.new);
}

pub fn run(strip: Strip, chunk: anytype) void {
    var low = chunk.count;
    var high: usize = 0;
    for (strip.rows) |row| {
        low = @min(low, row.first -| chunk.start);
        high = @max(high, @min(chunk.count, row.end -| chunk.start));
    }
    if (low >= high) return;
    inline for (sizes) |m| {
        if (strip.rows.len <= m) return runRows(m, strip, chunk, low, high);
    }
}

fn runRows(comptime m: usize, strip: Strip, chunk: anytype, low: usize, high: usize) void {
    const n = comptime vectorsFor(m);
    var block = low / lanes;
    const blocks = (high + lanes - 1) / lanes;
    while (block + n <= blocks) : (block += n) scoreTile(m, n, strip, chunk, block);
    while (block < blocks) : (block += 1) scoreTile(m, 1, strip, chunk, block);
    var factors: [m]Join = @splat(.{});
    const from = low / lanes * lanes;
    for (strip.rows, 0..) |*row, r| {
        factors[r] = softmax(row, strip.scores + r * score_stride, chunk, from, blocks * lanes);
    }
    var d: usize = 0;
    while (d + n * lanes <= chunk.dim) : (d += n * lanes) valueTile(m, n, strip, chunk, low, high, d, &factors);
    while (d < chunk.dim) : (d += lanes) valueTile(m, 1, strip, chunk, low, high, d, &factors);
}

/// Scores of n blocks of keys, each summed over the dimensions in order.
inline fn scoreTile(comptime m: usize, comptime n: usize, strip: Strip, chunk: anytype, block: usize) void {
    const Key = @TypeOf(chunk.keys[0]);
    var keys: [n][*]const Key = undefined;
    inline for (&keys, block..) |*key, j| {
        const at = j * lanes;
        key.* = chunk.keys + at / turned_keys * turned_keys * chunk.dim + at % turned_keys;
    }
    var sums = tile.zero(m, n);
    tile.multiply(m, n, Key, strip.queries, 1, rows_max, keys, turned_keys, chunk.head_dim, &sums);
    inline for (0..m) |r| inline for (0..n) |j| {
        simd.store(strip.scores + r * score_stride + (block + j) * lanes, sums[r][j]);
    };
}

/// Scores [from, to) become weights, 0 where the row does not see the key.
fn softmax(row: *Row, scores: [*]f32, chunk: anytype, from: usize, to: usize) Join {
    const first = @max(from, row.first -| chunk.start);
    const end = @min(to, @min(chunk.count, row.end -| chunk.start));
    if (first >= end) {
        @memset(scores[from..to], 0);
        return .{};
    }
    if (from < first) @memset(scores[from..first], -std.math.inf(f32));
    if (end < to) @memset(scores[end..to], -std.math.inf(f32));
    var best = simd.splat(-std.math.inf(f32));
    var i = from;
    while (i < to) : (i += lanes) best = @max(best, simd.load(scores + i));
    // The same factor in all of a row's weights: its rounding cancels in the division by their sum.
    const highest = @reduce(.Max, best) * chunk.scale;
    var sums = simd.splat(0);
    i = from;
    while (i < to) : (i += lanes) {
        const x = simd.mulAdd(V, simd.load(scores + i), simd.splat(chunk.scale), simd.splat(-highest));
        const weight = simd.exp2(V, x);
        simd.store(scores + i, weight);
        sums += weight;
    }
    return join(row, highest, simd.sumLanes(sums));
}

/// Weights times values for n vectors of the head, each summed over the keys in order.
inline fn valueTile(
    comptime m: usize,
    comptime n: usize,
    strip: Strip,
    chunk: anytype,
    low: usize,
    high: usize,
    d: usize,
    factors: *const [m]Join,
) void {
    const Value = @TypeOf(chunk.values[0]);
    var values: [n][*]const Value = undefined;
    inline for (&values, 0..) |*value, j| value.* = chunk.values + low * chunk.dim + d + j * lanes;
    var sums = tile.zero(m, n);
    tile.multiply(m, n, Value, strip.scores + low, score_stride, 1, values, chunk.dim, high - low, &sums);
    inline for (0..m) |r| {
        if (r < strip.rows.len) inline for (0..n) |j| {
            const place = strip.sums + r * chunk.dim + d + j * lanes;
            simd.store(place, joinVector(simd.load(place), sums[r][j], factors[r]));
        };
    }
}
