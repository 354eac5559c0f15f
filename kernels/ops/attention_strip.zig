//! A strip of query rows against one chunk of keys: scores, softmax from the chunk's own maximum, and
//! the values, joined to what earlier chunks gave. A row's bits do not depend on the rows beside it:
//! what it does not see has weight 0, and adding 0 changes nothing.
const std = @import("std");
const simd = @import("../simd.zig");
const tile = @import("register_tile.zig");
const V = simd.V;
const lanes = simd.lanes;

pub const chunk_size = @import("../attention_parts.zig").chunk_size;
/// Query rows of a strip.
pub const rows_max = tile.rows;
/// Not a power of two: the rows of scores then lie in different sets of the cache.
pub const score_stride = chunk_size + 16;
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
    /// What a query's integers are multiples of, where it is made integers.
    unit: f32 = 1,
};

/// Of the keys and values, whatever they lie in.
pub const Chunk = struct {
    start: usize,
    count: usize,
    /// Elements of a head, and of a row of values.
    head_dim: usize,
    dim: usize,
    /// What scores are multiplied with, for exponents of 2.
    scale: f32,
};

pub const Strip = struct {
    rows: []Row,
    /// [head_dim][rows_max]; of a cache of bytes pairs of words, [head_dim / 2][rows_max].
    queries: [*]const f32,
    /// [rows][dim].
    sums: [*]f32,
    scores: [*]f32,
};

/// Factors of what was summed before and of this chunk, and what its integers are multiples of.
pub const Join = struct { old: f32 = 1, new: f32 = 0, unit: f32 = 1 };

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

/// `source` holds the chunk's keys and values and makes tiles of scores and sums: attention_floats.zig or
/// attention_bytes.zig.
pub fn run(strip: Strip, chunk: Chunk, source: anytype) void {
    var low = chunk.count;
    var high: usize = 0;
    for (strip.rows) |row| {
        low = @min(low, row.first -| chunk.start);
        high = @max(high, @min(chunk.count, row.end -| chunk.start));
    }
    if (low >= high) return;
    inline for (sizes) |m| {
        if (strip.rows.len <= m) return runRows(m, strip, chunk, source, low, high);
    }
}

fn runRows(comptime m: usize, strip: Strip, chunk: Chunk, source: anytype, low: usize, high: usize) void {
    const n = comptime vectorsFor(m);
    var block = low / lanes;
    const blocks = (high + lanes - 1) / lanes;
    while (block + n <= blocks) : (block += n) source.scoreTile(m, n, strip, chunk, block);
    while (block < blocks) : (block += 1) source.scoreTile(m, 1, strip, chunk, block);
    var factors: [m]Join = @splat(.{});
    const from = low / lanes * lanes;
    for (strip.rows, 0..) |*row, r| {
        factors[r] = softmax(row, strip.scores + r * score_stride, chunk, from, blocks * lanes);
        factors[r].unit = source.weigh(strip, r, from, blocks * lanes);
    }
    var d: usize = 0;
    while (d + n * lanes <= chunk.dim) : (d += n * lanes) source.valueTile(m, n, strip, chunk, low, high, d, &factors);
    while (d < chunk.dim) : (d += lanes) source.valueTile(m, 1, strip, chunk, low, high, d, &factors);
}

/// Scores [from, to) become weights, 0 where the row does not see the key.
fn softmax(row: *Row, scores: [*]f32, chunk: Chunk, from: usize, to: usize) Join {
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

/// Joins the first rows of a tile of sums, for vectors of the head from d on.
pub inline fn joinTile(
    comptime m: usize,
    comptime n: usize,
    strip: Strip,
    chunk: Chunk,
    d: usize,
    sums: [m][n]V,
    factors: *const [m]Join,
) void {
    inline for (0..m) |r| {
        if (r < strip.rows.len) inline for (0..n) |j| {
            const place = strip.sums + r * chunk.dim + d + j * lanes;
            simd.store(place, joinVector(simd.load(place), sums[r][j], factors[r]));
        };
    }
}
