//! A chunk of keys and values in bytes, met by integers: queries are words of their largest magnitude, and
//! so are weights, times their values' scales, of the largest in the chunk. Sums are exact, and twice
//! as many products fit an instruction as of floats.
const simd = @import("../simd.zig");
const layout = @import("../cache_layout.zig");
const hadamard = @import("hadamard.zig");
const strips = @import("attention_strip.zig");
const tile = @import("word_tile.zig");
const Strip = strips.Strip;
const Chunk = strips.Chunk;
const V = simd.V;
const lanes = simd.lanes;

/// Pairs of words of a row of weights.
const pair_stride = strips.score_stride / 2;

/// Pairs of words of a strip's weights.
pub const weights_size = strips.rows_max * pair_stride;

pub const Bytes = struct {
    /// As in cache_layout.zig, from the chunk's first position on.
    keys: [*]const i8,
    values: [*]const i8,
    key_scales: [*]const f32,
    value_scales: [*]const f32,
    /// [rows][pair_stride]: weights become words here.
    weights: [*]i32,

    /// Scores of n vectors of keys.
    pub inline fn scoreTile(
        self: Bytes,
        comptime m: usize,
        comptime n: usize,
        strip: Strip,
        chunk: Chunk,
        first: usize,
    ) void {
        const block = layout.block;
        var keys: [n][*]const i8 = undefined;
        inline for (&keys, first..) |*key, j| {
            const at = j * lanes;
            key.* = self.keys + at / block * block * chunk.dim + at % block * 2;
        }
        const queries: [*]const i32 = @ptrCast(strip.queries);
        const pairs = (chunk.head_dim + 1) / 2;
        const sums = tile.multiply(m, n, queries, 1, strips.rows_max, keys, 2 * block, pairs, @ptrCast(self.values + first * lanes * chunk.dim));
        inline for (0..n) |j| {
            const scale = simd.load(self.key_scales + (first + j) * lanes);
            inline for (0..m) |r| {
                const unit = simd.splat(if (r < strip.rows.len) strip.rows[r].unit else 0);
                const score = @as(V, @floatFromInt(sums[r][j])) * unit * scale;
                simd.store(strip.scores + r * strips.score_stride + (first + j) * lanes, score);
            }
        }
    }

    /// Weights [from, to) of a row times their values' scales become words.
    pub inline fn weigh(self: Bytes, strip: Strip, r: usize, from: usize, to: usize) f32 {
        const weights = strip.scores + r * strips.score_stride;
        var best = simd.splat(0);
        var i = from;
        while (i < to) : (i += lanes) {
            best = @max(best, simd.load(weights + i) * simd.load(self.value_scales + i));
        }
        const highest = @reduce(.Max, best);
        const factor = simd.splat(tile.inverse(highest, 32767));
        const words: [*]i16 = @ptrCast(self.weights + r * pair_stride);
        i = from;
        while (i < to) : (i += lanes) {
            const place: *align(2) @Vector(lanes, i16) = @ptrCast(words + i);
            place.* = tile.nearest(simd.load(weights + i) * simd.load(self.value_scales + i) * factor);
        }
        return highest / 32767;
    }

    /// Weights times values for n vectors of the head.
    pub inline fn valueTile(
        self: Bytes,
        comptime m: usize,
        comptime n: usize,
        strip: Strip,
        chunk: Chunk,
        low: usize,
        high: usize,
        d: usize,
        factors: *const [m]strips.Join,
    ) void {
        const first = low / 2;
        const end = (high + 1) / 2;
        var values: [n][*]const i8 = undefined;
        inline for (&values, 0..) |*value, j| value.* = self.values + 2 * (first * chunk.dim + d + j * lanes);
        const ahead: [*]const u8 = @ptrCast(self.keys + strips.chunk_size * chunk.dim + d * 2 * (end - first));
        const sums = tile.multiply(m, n, self.weights + first, pair_stride, 1, values, 2 * chunk.dim, end - first, ahead);
        var parts: [m][n]V = undefined;
        inline for (&parts, sums, factors) |*row, integers, factor| inline for (row, integers) |*x, integer| {
            x.* = @as(V, @floatFromInt(integer)) * simd.splat(factor.unit);
        };
        strips.joinTile(m, n, strip, chunk, d, parts, factors);
    }
};

/// Writes a query as column `r` of a strip's pairs of words; returns what they are multiples of.
pub fn storeQuery(query: []const f32, padded_dim: usize, strip: [*]f32, r: usize) f32 {
    var turned: [layout.most_dimensions]f32 = undefined;
    const highest = turnHead(query, padded_dim, &turned);
    const factor = simd.splat(tile.inverse(highest, 32767));
    const pairs: [*]i32 = @ptrCast(strip);
    var d: usize = 0;
    while (d < padded_dim) : (d += lanes) {
        const two: [lanes / 2]i32 = @bitCast(tile.nearest(simd.load(turned[d..].ptr) * factor));
        inline for (two, 0..) |pair, i| pairs[(d / 2 + i) * strips.rows_max + r] = pair;
    }
    return highest / (32767 * @as(f32, @floatFromInt(hadamard.order(query.len))));
}

/// A head turned, padded with zeros; returns its largest magnitude, NaN where there is one.
pub fn turnHead(head: []const f32, padded_dim: usize, output: *[layout.most_dimensions]f32) f32 {
    @memcpy(output[0..head.len], head);
    @memset(output[head.len..padded_dim], 0);
    hadamard.turn(output, head.len, padded_dim);
    return largest(output[0..padded_dim]);
}

/// The largest magnitude; NaN of values that have one, as nothing is above it.
pub fn largest(values: []const f32) f32 {
    var highest: f32 = 0;
    for (values) |x| {
        if (!(@abs(x) <= highest)) highest = @abs(x);
    }
    return highest;
}
