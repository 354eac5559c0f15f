//! A block of queries against a block of keys, in the backward pass of causal attention: weights and the
//! gradients of scores by register tiles, then what they add to the gradients of queries, keys, values.
const std = @import("std");
const simd = @import("../simd.zig");
const tile = @import("register_tile.zig");
const Item = @import("causal_backward.zig").Item;
const V = simd.V;
const lanes = simd.lanes;

/// Queries of a strip and keys of a panel: a register tile.
pub const strip_rows = tile.rows;
pub const panel_keys = tile.vectors * lanes;
/// Strips and keys of a block, whose weights and their gradients stay in the second-level cache.
pub const block_strips = 72 / strip_rows;
pub const block_keys = 96;
/// Not a power of two: the rows of weights then lie in different sets of the cache.
pub const weight_stride = block_keys + 16;

comptime {
    std.debug.assert(block_keys % panel_keys == 0 and block_keys % strip_rows == 0);
}

/// Some strips of queries against a block of keys.
pub const Block = struct {
    item: *const Item,
    /// Position of the first key, and how many panels there are.
    first: usize,
    panels: usize,
    strip: usize,
    strips: usize,

    pub fn add(self: Block) void {
        var seen: [block_strips]Range = @splat(.{});
        for (0..self.panels) |panel| {
            for (seen[0..self.strips], 0..) |*range, s| {
                if (self.sees(self.strip + s, panel)) {
                    range.include(panel);
                    if (self.isWhole(self.strip + s, panel)) self.weigh(false, s, panel) else self.weigh(true, s, panel);
                } else self.clear(s, panel);
            }
        }
        var rows: Range = .{};
        for (seen[0..self.strips], 0..) |range, s| {
            if (range.begin == range.end) continue;
            rows.include(s);
            self.addToQueries(s, range);
        }
        if (rows.begin < rows.end) self.addToKeys(rows);
    }

    fn position(self: Block, strip: usize) usize {
        return self.item.base + strip * strip_rows;
    }

    /// Whether any row of the strip sees any key of the panel.
    fn sees(self: Block, strip: usize, panel: usize) bool {
        const key = self.first + panel * panel_keys;
        return key < self.position(strip) + strip_rows and key + panel_keys > self.item.lowest[strip];
    }

    /// Whether each row sees each key.
    fn isWhole(self: Block, strip: usize, panel: usize) bool {
        const key = self.first + panel * panel_keys;
        return key + panel_keys <= self.position(strip) + 1 and key >= self.item.highest[strip];
    }

    fn weightsOf(self: Block, s: usize, panel: usize) [2][*]f32 {
        const at = s * strip_rows * weight_stride + panel * panel_keys;
        return .{ self.item.weights + at, self.item.score_gradients + at };
    }

    fn clear(self: Block, s: usize, panel: usize) void {
        for (self.weightsOf(s, panel)) |place| {
            for (0..strip_rows) |r| @memset(place[r * weight_stride ..][0..panel_keys], 0);
        }
    }

    /// Weights and gradients of scores of one tile.
    fn weigh(self: Block, comptime masked: bool, s: usize, panel: usize) void {
        @setEvalBranchQuota(4000);
        const item = self.item;
        const strip = self.strip + s;
        const weights, const gradients = self.weightsOf(s, panel);
        const scale = simd.splat(item.job.scale * std.math.log2e);
        const scores = product(item.turned_queries, item.turned_keys, strip, panel, item);
        inline for (0..strip_rows) |r| {
            const row = strip * strip_rows + r;
            const sum = simd.splat(-item.log_sums[row]);
            inline for (0..tile.vectors) |v| {
                const weight = simd.exp2(V, simd.mulAdd(V, scores[r][v], scale, sum));
                const place = weights + r * weight_stride + v * lanes;
                simd.store(place, if (masked) self.mask(row, panel, v, weight) else weight);
            }
        }
        const slopes = product(item.turned_gradients, item.turned_values, strip, panel, item);
        inline for (0..strip_rows) |r| {
            const delta = simd.splat(item.deltas[strip * strip_rows + r]);
            inline for (0..tile.vectors) |v| {
                const at = r * weight_stride + v * lanes;
                simd.store(gradients + at, simd.load(weights + at) * (slopes[r][v] - delta));
            }
        }
    }

    /// 0 where the row does not see the key.
    inline fn mask(self: Block, row: usize, panel: usize, v: usize, weight: V) V {
        const Positions = @Vector(lanes, u32);
        const key: u32 = @intCast(self.first + panel * panel_keys + v * lanes);
        const keys = @as(Positions, @splat(key)) + std.simd.iota(u32, lanes);
        const own: Positions = @splat(@intCast(self.item.base + row));
        const start: Positions = @splat(self.item.starts[row]);
        const none = simd.splat(0);
        return @select(f32, keys <= own, @select(f32, keys >= start, weight, none), none);
    }

    inline fn product(
        a: [*]const f32,
        b: [*]const f32,
        strip: usize,
        panel: usize,
        item: *const Item,
    ) tile.Sums(strip_rows, tile.vectors) {
        var columns: [tile.vectors][*]const f32 = undefined;
        inline for (&columns, 0..) |*column, v| column.* = b + panel * item.dim * panel_keys + v * lanes;
        var sums = tile.zero(strip_rows, tile.vectors);
        const strip_start = a + strip * item.dim * strip_rows;
        tile.multiply(strip_rows, tile.vectors, f32, strip_start, 1, strip_rows, columns, panel_keys, item.job.head_dim, &sums, null);
        return sums;
    }

    /// dQ += dS K, over the panels that the strip sees.
    fn addToQueries(self: Block, s: usize, seen: Range) void {
        const item = self.item;
        const first = seen.begin * panel_keys;
        const slopes = item.score_gradients + s * strip_rows * weight_stride + first;
        const output = item.query_gradient + (self.strip + s) * strip_rows * item.dim;
        const count = (seen.end - seen.begin) * panel_keys;
        addProduct(slopes, weight_stride, 1, item.keys + first * item.dim, item.dim, count, output);
    }

    /// dV += P^T dO and dK += dS^T Q, over the rows of the strips that see any key.
    fn addToKeys(self: Block, seen: Range) void {
        const item = self.item;
        var key: usize = 0;
        while (key < self.panels * panel_keys) : (key += strip_rows) {
            // Strips before the key's own do not see it.
            const begin = @max(seen.begin, (self.first + key - item.base) / strip_rows -| self.strip);
            if (begin >= seen.end) return;
            const row = (self.strip + begin) * strip_rows;
            const count = (seen.end - begin) * strip_rows;
            const at = begin * strip_rows * weight_stride + key;
            const output = key * item.dim;
            addProduct(item.weights + at, 1, weight_stride, item.gradients + row * item.dim, item.dim, count, item.value_gradient + output);
            addProduct(item.score_gradients + at, 1, weight_stride, item.queries + row * item.dim, item.dim, count, item.key_gradient + output);
        }
    }
};

/// From the first included to behind the last.
const Range = struct {
    begin: usize = 0,
    end: usize = 0,

    fn include(self: *Range, index: usize) void {
        if (self.begin == self.end) self.begin = index;
        self.end = index + 1;
    }
};

/// output[strip_rows][dim] += a x b[count][dim], a by row and step.
fn addProduct(
    a: [*]const f32,
    comptime a_row: usize,
    comptime a_step: usize,
    b: [*]const f32,
    dim: usize,
    count: usize,
    output: [*]f32,
) void {
    var d: usize = 0;
    while (d + tile.vectors * lanes <= dim) : (d += tile.vectors * lanes) {
        addTile(tile.vectors, a, a_row, a_step, b + d, dim, count, output + d);
    }
    while (d < dim) : (d += lanes) addTile(1, a, a_row, a_step, b + d, dim, count, output + d);
}

inline fn addTile(
    comptime n: usize,
    a: [*]const f32,
    comptime a_row: usize,
    comptime a_step: usize,
    b: [*]const f32,
    dim: usize,
    count: usize,
    output: [*]f32,
) void {
    var columns: [n][*]const f32 = undefined;
    inline for (&columns, 0..) |*column, v| column.* = b + v * lanes;
    var sums: tile.Sums(strip_rows, n) = undefined;
    inline for (0..strip_rows) |r| inline for (0..n) |v| {
        sums[r][v] = simd.load(output + r * dim + v * lanes);
    };
    tile.multiply(strip_rows, n, f32, a, a_row, a_step, columns, dim, count, &sums, null);
    inline for (0..strip_rows) |r| inline for (0..n) |v| {
        simd.store(output + r * dim + v * lanes, sums[r][v]);
    };
}
