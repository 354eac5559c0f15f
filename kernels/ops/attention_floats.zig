//! A chunk of keys and values in f32 or f16: scores and weighted sums of values by tiles of registers.
const simd = @import("../simd.zig");
const tile = @import("register_tile.zig");
const strips = @import("attention_strip.zig");
const key_block = @import("../cache_layout.zig").block;
const Strip = strips.Strip;
const Chunk = strips.Chunk;
const lanes = simd.lanes;

pub fn Floats(comptime T: type) type {
    return struct {
        /// [blocks][dim][key_block].
        keys: [*]const T,
        /// [count][dim].
        values: [*]const T,

        const Self = @This();

        /// Scores of n vectors of keys, each summed over the dimensions in order.
        pub inline fn scoreTile(
            self: Self,
            comptime m: usize,
            comptime n: usize,
            strip: Strip,
            chunk: Chunk,
            first: usize,
        ) void {
            var keys: [n][*]const T = undefined;
            inline for (&keys, first..) |*key, j| {
                const at = j * lanes;
                key.* = self.keys + at / key_block * key_block * chunk.dim + at % key_block;
            }
            var sums = tile.zero(m, n);
            const ahead = fetched(self.values + first * lanes * chunk.dim);
            tile.multiply(m, n, T, strip.queries, 1, strips.rows_max, keys, key_block, chunk.head_dim, &sums, ahead);
            inline for (0..m) |r| inline for (0..n) |j| {
                simd.store(strip.scores + r * strips.score_stride + (first + j) * lanes, sums[r][j]);
            };
        }

        /// Half floats come from memory: while keys are read their values are fetched, and the next chunk's
        /// keys while values are. What was widened is near.
        inline fn fetched(next: [*]const T) ?[*]const u8 {
            return if (T == f16) @ptrCast(next) else null;
        }

        /// Weights are multiplied as they are.
        pub inline fn weigh(_: Self, _: Strip, _: usize, _: usize, _: usize) f32 {
            return 1;
        }

        /// Weights times values for n vectors of the head, each summed over the keys in order.
        pub inline fn valueTile(
            self: Self,
            comptime m: usize,
            comptime n: usize,
            strip: Strip,
            chunk: Chunk,
            low: usize,
            high: usize,
            d: usize,
            factors: *const [m]strips.Join,
        ) void {
            var values: [n][*]const T = undefined;
            inline for (&values, 0..) |*value, j| value.* = self.values + low * chunk.dim + d + j * lanes;
            var sums = tile.zero(m, n);
            const weights = strip.scores + low;
            const ahead = fetched(self.keys + strips.chunk_size * chunk.dim + d * (high - low));
            tile.multiply(m, n, T, weights, strips.score_stride, 1, values, chunk.dim, high - low, &sums, ahead);
            strips.joinTile(m, n, strip, chunk, d, sums, factors);
        }
    };
}
