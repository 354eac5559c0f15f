//! Gradients of the activations, in one pass over what went in and the gradient of what came out.
const std = @import("std");
const simd = @import("../simd.zig");
const vector = @import("vector.zig");
const table = @import("../table.zig");
const lanes = simd.lanes;

/// Elements [begin, end).
pub fn run(job: *const table.ActivationGradient, begin: u64, end: u64) callconv(.c) void {
    const activation: table.Activation = @enumFromInt(job.activation);
    switch (activation) {
        inline else => |a| loop(a, job, begin, end),
    }
}

inline fn loop(comptime activation: table.Activation, job: *const table.ActivationGradient, begin: usize, end: usize) void {
    var i = begin;
    while (i + lanes <= end) : (i += lanes) apply(simd.V, activation, job, i);
    while (i < end) : (i += 1) apply(@Vector(1, f32), activation, job, i);
}

inline fn apply(comptime T: type, comptime activation: table.Activation, job: *const table.ActivationGradient, i: usize) void {
    const x = load(T, job.gate, i);
    const dy = load(T, job.output_gradient, i);
    if (activation == .gelu) return store(T, job.gate_gradient, i, dy * geluSlope(T, x));
    const one: T = @splat(1);
    const up = load(T, job.up, i);
    const sigmoid = simd.sigmoid(T, x);
    const activated = x * sigmoid;
    // silu'(x) = sigmoid(x) (1 + x (1 - sigmoid(x)))
    const slope = simd.mulAdd(T, activated, one - sigmoid, sigmoid);
    store(T, job.gate_gradient, i, dy * up * slope);
    store(T, job.up_gradient, i, dy * activated);
}

/// The slope of vector.gelu: with t = tanh(u), 0.5 (1 + t) + 0.5 x (1 - t^2) u'.
inline fn geluSlope(comptime T: type, x: T) T {
    const one: T = @splat(1);
    const half: T = @splat(0.5);
    const s = x * x;
    const t = simd.tanh(T, x * simd.mulAdd(T, s, @splat(vector.gelu_cube), @splat(vector.gelu_factor)));
    const inner = simd.mulAdd(T, s, @splat(3 * vector.gelu_cube), @splat(vector.gelu_factor));
    return half * (one + t) + half * x * (one - t * t) * inner;
}

inline fn load(comptime T: type, p: ?[*]const f32, i: usize) T {
    return @as(*align(4) const T, @ptrCast(p.? + i)).*;
}

inline fn store(comptime T: type, p: ?[*]f32, i: usize, value: T) void {
    @as(*align(4) T, @ptrCast(p.? + i)).* = value;
}

test "slopes equal differences of the functions in f64" {
    const count = 999;
    var x: [count]f32 = undefined;
    var up: [count]f32 = undefined;
    var dy: [count]f32 = undefined;
    var dx: [count]f32 = undefined;
    var dup: [count]f32 = undefined;
    for (&x, &up, &dy, 0..) |*a, *b, *c, i| {
        a.* = (@as(f32, @floatFromInt(i)) - 500) / 37;
        b.* = @sin(a.*);
        c.* = 1 + a.* / 20;
    }
    var job: table.ActivationGradient = .{
        .gate = &x,
        .up = &up,
        .output_gradient = &dy,
        .gate_gradient = &dx,
        .up_gradient = &dup,
        .count = count,
        .activation = @intFromEnum(table.Activation.swiglu),
        .reserved = 0,
    };
    run(&job, 0, count);
    for (0..count) |i| {
        const y: f64 = dy[i];
        try std.testing.expectApproxEqAbs(y * up[i] * difference(silu, x[i]), dx[i], 3e-6);
        try std.testing.expectApproxEqAbs(y * silu(x[i]), dup[i], 3e-6);
    }
    job.activation = @intFromEnum(table.Activation.gelu);
    run(&job, 0, count);
    for (0..count) |i| try std.testing.expectApproxEqAbs(dy[i] * difference(gelu, x[i]), dx[i], 3e-6);
}

fn difference(comptime f: fn (f64) f64, x: f64) f64 {
    return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5;
}

fn silu(x: f64) f64 {
    return x / (1 + @exp(-x));
}

fn gelu(x: f64) f64 {
    return 0.5 * x * (1 + std.math.tanh(@sqrt(2.0 / std.math.pi) * (x + 0.044715 * x * x * x)));
}
