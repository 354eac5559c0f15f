//! Stable softmax: exponentials of the distance from the maximum, divided by their sum.
const std = @import("std");
const simd = @import("../simd.zig");
const vector = @import("vector.zig");
const V = simd.V;
const lanes = simd.lanes;

/// One row in place. A row of nothing but -infinity gives an even distribution.
pub fn run(row: [*]f32, count: usize) callconv(.c) void {
    if (count == 0) return;
    const highest = vector.maximum(row, count);
    const offset = if (highest == -std.math.inf(f32)) 0 else highest;
    if (highest == -std.math.inf(f32)) @memset(row[0..count], 0);
    const total = exponentials(row, count, 1, offset);
    const inverse = 1 / total;
    for (row[0..count]) |*x| x.* *= inverse;
}

/// row = exp(scale * (row - offset)); returns their sum, in `lanes` partial sums and then by halves.
pub inline fn exponentials(row: [*]f32, count: usize, scale: f32, offset: f32) f32 {
    var sums = simd.splat(0);
    var i: usize = 0;
    while (i + lanes <= count) : (i += lanes) {
        const e = simd.exp(V, (simd.load(row + i) - simd.splat(offset)) * simd.splat(scale));
        simd.store(row + i, e);
        sums += e;
    }
    var total = simd.sumLanes(sums);
    while (i < count) : (i += 1) {
        row[i] = simd.scalar(simd.exp, (row[i] - offset) * scale);
        total += row[i];
    }
    return total;
}

test "softmax sums to 1, keeps order, and survives large and infinite values" {
    const inf = std.math.inf(f32);
    var row = [_]f32{ 1000, 1001, 999, -inf, 1000.5 } ++ [_]f32{990} ** 18;
    run(&row, row.len);
    var total: f64 = 0;
    for (row) |p| total += p;
    try std.testing.expectApproxEqAbs(@as(f64, 1), total, 1e-6);
    try std.testing.expect(row[1] > row[4] and row[4] > row[0] and row[3] == 0);
    var empty = [_]f32{-inf} ** 4;
    run(&empty, 4);
    for (empty) |p| try std.testing.expectEqual(@as(f32, 0.25), p);
}
