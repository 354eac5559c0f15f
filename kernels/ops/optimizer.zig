//! What an optimizer does to each weight: AdamW in one pass over value, gradient and both means, weighted
//! sums for Muon's momentum, and the squares that a gradient's norm is made of.
const std = @import("std");
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const lanes = simd.lanes;

/// Elements [begin, end) of a step, in the order of operations that PyTorch's AdamW has.
pub fn adamw(job: *const table.AdamW, begin: u64, end: u64) callconv(.c) void {
    var i = begin;
    while (i + lanes <= end) : (i += lanes) update(simd.V, job, i);
    while (i < end) : (i += 1) update(@Vector(1, f32), job, i);
}

inline fn update(comptime T: type, job: *const table.AdamW, i: usize) void {
    const g = load(T, job.gradient, i) * splat(T, job.gradient_scale);
    const before = load(T, job.first, i);
    const first = simd.mulAdd(T, splat(T, job.first_weight), g - before, before);
    const second = simd.mulAdd(T, g * g, splat(T, job.second_weight), load(T, job.second, i) * splat(T, job.beta2));
    const root = simd.mulAdd(T, @sqrt(second), splat(T, job.root_factor), splat(T, job.epsilon));
    const kept = load(T, job.values, i) * splat(T, job.keep);
    store(T, job.first, i, first);
    store(T, job.second, i, second);
    store(T, job.values, i, kept - splat(T, job.step_size) * first / root);
}

/// Elements [begin, end) of a * a_weight + b * b_weight.
pub fn weightedSum(job: *const table.WeightedSum, begin: u64, end: u64) callconv(.c) void {
    var i = begin;
    while (i + lanes <= end) : (i += lanes) weigh(simd.V, job, i);
    while (i < end) : (i += 1) weigh(@Vector(1, f32), job, i);
}

inline fn weigh(comptime T: type, job: *const table.WeightedSum, i: usize) void {
    const b = load(T, job.b, i) * splat(T, job.b_weight);
    store(T, job.output, i, simd.mulAdd(T, load(T, job.a, i), splat(T, job.a_weight), b));
}

/// Sum of the squares of `count` values, in f64.
pub fn sumSquares(values: [*]const f32, count: usize) callconv(.c) f64 {
    const n = lanes / 2;
    const D = @Vector(n, f64);
    var sums: [4]D = @splat(@splat(0));
    var i: usize = 0;
    while (i + 4 * n <= count) : (i += 4 * n) {
        inline for (&sums, 0..) |*sum, j| {
            const x: D = @floatCast(@as(*align(4) const @Vector(n, f32), @ptrCast(values + i + j * n)).*);
            sum.* += x * x;
        }
    }
    var total = @reduce(.Add, (sums[0] + sums[1]) + (sums[2] + sums[3]));
    while (i < count) : (i += 1) total += @as(f64, values[i]) * values[i];
    return total;
}

inline fn splat(comptime T: type, x: f32) T {
    return @splat(x);
}

inline fn load(comptime T: type, p: anytype, i: usize) T {
    return @as(*align(4) const T, @ptrCast(p.? + i)).*;
}

inline fn store(comptime T: type, p: ?[*]f32, i: usize, value: T) void {
    @as(*align(4) T, @ptrCast(p.? + i)).* = value;
}

test "a step of AdamW is what its definition says" {
    const count = 2 * lanes + 3;
    var values: [count]f32 = @splat(2);
    var gradient: [count]f32 = undefined;
    for (&gradient, 0..) |*g, i| g.* = (@as(f32, @floatFromInt(i)) - 5) / 8;
    var first: [count]f32 = @splat(0.5);
    var second: [count]f32 = @splat(0.25);
    adamw(&.{
        .values = &values,
        .gradient = &gradient,
        .first = &first,
        .second = &second,
        .count = count,
        .gradient_scale = 0.5,
        .first_weight = 0.1,
        .beta2 = 0.99,
        .second_weight = 0.01,
        .epsilon = 1e-3,
        .keep = 0.75,
        .step_size = 0.1,
        .root_factor = 3,
    }, 0, count);
    for (gradient, values, first, second) |given, value, m, v| {
        const g: f64 = given * 0.5;
        const mean = 0.9 * 0.5 + 0.1 * g;
        const square = 0.99 * 0.25 + 0.01 * g * g;
        try std.testing.expectApproxEqAbs(mean, m, 1e-6);
        try std.testing.expectApproxEqAbs(square, v, 1e-6);
        try std.testing.expectApproxEqAbs(1.5 - 0.1 * mean / (3 * @sqrt(square) + 1e-3), value, 1e-6);
    }
}

test "squares are summed in f64, weighted sums weighted" {
    const count = 4 * lanes + 3;
    var values: [count]f32 = @splat(1e-4);
    values[1] = 1;
    const rest: f64 = count - 1;
    try std.testing.expectApproxEqRel(1 + rest * 1e-8, sumSquares(&values, count), 1e-12);
    weightedSum(&.{ .a = &values, .b = &values, .output = &values, .count = count, .a_weight = 3, .b_weight = -1 }, 0, count);
    try std.testing.expectEqual(2, values[1]);
}
