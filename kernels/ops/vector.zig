//! Elementwise kernels and reductions over plain vectors of f32.
const std = @import("std");
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const V = simd.V;
const lanes = simd.lanes;

/// Elements [begin, end) of an elementwise operation.
pub fn run(job: *const table.Vector, begin: u64, end: u64) callconv(.c) void {
    const operation: table.VectorOperation = @enumFromInt(job.operation);
    switch (operation) {
        inline else => |o| loop(o, job, begin, end),
    }
}

inline fn loop(comptime operation: table.VectorOperation, job: *const table.Vector, begin: usize, end: usize) void {
    var i = begin;
    while (i + lanes <= end) : (i += lanes) simd.store(job.output.? + i, apply(V, operation, job, i));
    while (i < end) : (i += 1) job.output.?[i] = apply(@Vector(1, f32), operation, job, i)[0];
}

inline fn at(comptime T: type, p: ?[*]const f32, i: usize) T {
    return @as(*align(4) const T, @ptrCast(p.? + i)).*;
}

inline fn apply(comptime T: type, comptime operation: table.VectorOperation, job: *const table.Vector, i: usize) T {
    const a = at(T, job.a, i);
    return switch (operation) {
        .add => a + at(T, job.b, i),
        .multiply => a * at(T, job.b, i),
        .scale => a * @as(T, @splat(job.factor)),
        .fma => simd.mulAdd(T, a, at(T, job.b, i), at(T, job.c, i)),
        .exp => simd.exp(T, a),
        .sigmoid => simd.sigmoid(T, a),
        .tanh => simd.tanh(T, a),
        .gelu => gelu(T, a),
        .swiglu => a * simd.sigmoid(T, a) * at(T, job.b, i),
    };
}

/// GELU's tanh form, 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))): what GPT-2 and StarCoder2 use.
inline fn gelu(comptime T: type, x: T) T {
    const inner = x * simd.mulAdd(T, x * x, @splat(gelu_cube), @splat(gelu_factor));
    return @as(T, @splat(0.5)) * x * (@as(T, @splat(1)) + simd.tanh(T, inner));
}

pub const gelu_factor = 0.7978845608028654;
pub const gelu_cube = 0.044715 * gelu_factor;

/// Sum of all elements: four vectors of partial sums, then by halves, then the rest in order.
pub fn sum(values: [*]const f32, count: usize) callconv(.c) f32 {
    var parts: [4]V = @splat(simd.splat(0));
    var i: usize = 0;
    while (i + 4 * lanes <= count) : (i += 4 * lanes) {
        inline for (0..4) |j| parts[j] += simd.load(values + i + j * lanes);
    }
    var total = simd.sumLanes((parts[0] + parts[1]) + (parts[2] + parts[3]));
    while (i < count) : (i += 1) total += values[i];
    return total;
}

/// Largest element; -infinity of nothing. NaN elements are passed over.
pub fn maximum(values: [*]const f32, count: usize) callconv(.c) f32 {
    var best = simd.splat(-std.math.inf(f32));
    var i: usize = 0;
    while (i + lanes <= count) : (i += lanes) best = @max(best, simd.load(values + i));
    var highest = @reduce(.Max, best);
    while (i < count) : (i += 1) highest = @max(highest, values[i]);
    return highest;
}

/// Where the largest element is, the first of equals; 0 of nothing. NaN elements are passed over.
pub fn largest(values: [*]const f32, count: usize) callconv(.c) u32 {
    const highest = simd.splat(maximum(values, count));
    var i: usize = 0;
    while (i + lanes <= count) : (i += lanes) {
        if (@reduce(.Or, simd.load(values + i) == highest)) break;
    }
    while (i < count) : (i += 1) if (values[i] == highest[0]) return @intCast(i);
    return 0;
}

/// Sum of exp(scale * (value - offset)), added up as in sum(); NaN elements are passed over.
pub fn sumExponentials(values: [*]const f32, count: usize, scale: f32, offset: f32) callconv(.c) f32 {
    var parts: [4]V = @splat(simd.splat(0));
    var i: usize = 0;
    while (i + 4 * lanes <= count) : (i += 4 * lanes) {
        inline for (0..4) |j| parts[j] += exponential(V, simd.load(values + i + j * lanes), scale, offset);
    }
    var total = simd.sumLanes((parts[0] + parts[1]) + (parts[2] + parts[3]));
    while (i < count) : (i += 1) total += exponential(@Vector(1, f32), @splat(values[i]), scale, offset)[0];
    return total;
}

inline fn exponential(comptime T: type, x: T, scale: f32, offset: f32) T {
    const e = simd.exp(T, (x - @as(T, @splat(offset))) * @as(T, @splat(scale)));
    return @select(f32, x == x, e, @as(T, @splat(0)));
}
