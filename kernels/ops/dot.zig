//! The one reduction order of every product: `lanes` partial sums over k, added up by halves, then
//! the last few k one by one. A tile computes several rows and inputs at once in that same order,
//! so an output has the same bits whatever it is computed together with.
const simd = @import("../simd.zig");
const V = simd.V;
const lanes = simd.lanes;

/// Partial sums of `mr` inputs by `nr` weight rows.
pub fn Accumulator(comptime mr: usize, comptime nr: usize) type {
    return [mr][nr]V;
}

/// Adds the products of k in [0, count) to the partial sums; count is a multiple of `lanes`.
pub inline fn accumulate(
    comptime mr: usize,
    comptime nr: usize,
    weights: [nr][*]const f32,
    inputs: [mr][*]const f32,
    count: usize,
    sums: *Accumulator(mr, nr),
) void {
    var acc = sums.*;
    var k: usize = 0;
    while (k < count) : (k += lanes) {
        var x: [mr]V = undefined;
        inline for (0..mr) |i| x[i] = simd.load(inputs[i] + k);
        inline for (0..nr) |j| {
            const w = simd.load(weights[j] + k);
            inline for (0..mr) |i| acc[i][j] = simd.mulAdd(V, x[i], w, acc[i][j]);
        }
    }
    sums.* = acc;
}

/// The partial sums' total plus the products of k in [from, to), in order.
pub inline fn finish(sums: V, weight: [*]const f32, input: [*]const f32, from: usize, to: usize) f32 {
    var total = simd.sumLanes(sums);
    for (from..to) |k| total = simd.mulAdd(f32, input[k], weight[k], total);
    return total;
}
