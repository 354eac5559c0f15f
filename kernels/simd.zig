//! Vector helpers shared by the kernels of one CPU level: fused multiply-add where the CPU has it,
//! sums in one fixed order, and exp, sigmoid, tanh with their error bounds.
const std = @import("std");
const builtin = @import("builtin");
const options = @import("options");

/// Number of f32 in one vector of this level. Every dot product keeps this many partial sums.
pub const lanes = options.lanes;
pub const V = @Vector(lanes, f32);
const Bits = @Vector(lanes, u32);

const has_fma = switch (builtin.cpu.arch) {
    .x86_64 => std.Target.x86.featureSetHas(builtin.cpu.features, .fma),
    .aarch64 => true,
    else => false,
};

/// a * b + c, with one rounding where the CPU has FMA. Without it two roundings: a call to libm's
/// fmaf for every element would be a hundred times slower.
pub inline fn mulAdd(comptime T: type, a: T, b: T, c: T) T {
    return if (has_fma) @mulAdd(T, a, b, c) else a * b + c;
}

pub inline fn splat(x: f32) V {
    return @splat(x);
}

pub inline fn load(p: [*]const f32) V {
    return @as(*align(4) const V, @ptrCast(p)).*;
}

pub inline fn store(p: [*]f32, v: V) void {
    @as(*align(4) V, @ptrCast(p)).* = v;
}

/// Fetches the cache lines of [address, address + size) into the second-level cache.
pub inline fn fetch(address: [*]const u8, comptime size: usize) void {
    inline for (0..comptime @max(1, size / 64)) |line| @prefetch(address + 64 * line, .{ .locality = 2 });
}

/// Sum of the lanes: the upper half is added to the lower until one is left. LLVM's own reduction
/// of floats goes lane by lane, which is both slower and less exact.
pub fn sumLanes(v: V) f32 {
    const eight = if (lanes == 16) half(v, 8) else v;
    const four = if (lanes >= 8) half(eight, 4) else eight;
    const two = half(four, 2);
    return two[0] + two[1];
}

inline fn half(v: anytype, comptime n: i32) @Vector(n, f32) {
    const low = comptime sequence(n, 0);
    const high = comptime sequence(n, n);
    return @shuffle(f32, v, undefined, low) + @shuffle(f32, v, undefined, high);
}

fn sequence(comptime n: i32, first: i32) @Vector(n, i32) {
    var result: [n]i32 = undefined;
    for (&result, 0..) |*r, i| r.* = first + @as(i32, @intCast(i));
    return result;
}

/// Rows of a square become its columns: each round takes the highest bit of a row's number into the
/// lowest of its lanes' numbers.
pub inline fn transpose(rows: [lanes]V) [lanes]V {
    var square = rows;
    inline for (0..comptime std.math.log2(lanes)) |_| {
        const before = square;
        inline for (0..lanes / 2) |i| {
            square[2 * i] = @shuffle(f32, before[i], before[i + lanes / 2], low_halves);
            square[2 * i + 1] = @shuffle(f32, before[i], before[i + lanes / 2], high_halves);
        }
    }
    return square;
}

const low_halves = zip(0);
const high_halves = zip(lanes / 2);

/// Lanes of two vectors in turn, from lane `first` on.
fn zip(first: i32) @Vector(lanes, i32) {
    var result: [lanes]i32 = undefined;
    for (&result, 0..) |*r, i| {
        const lane = first + @as(i32, @intCast(i / 2));
        r.* = if (i % 2 == 0) lane else ~lane;
    }
    return result;
}

/// e^x, at most 2 ulp off over the finite range; 0 below -87.33, infinity above 88.72, NaN stays.
/// Cephes' polynomial after range reduction by multiples of ln 2 in two parts.
pub inline fn exp(comptime T: type, x: T) T {
    const n = @typeInfo(T).vector.len;
    const U = @Vector(n, i32);
    const high: T = @splat(88.72283);
    const low: T = @splat(-87.33654);
    const clamped = @min(@max(x, low), high);
    const k = @round(clamped * @as(T, @splat(1.44269504088896341)));
    var r = mulAdd(T, k, @splat(-0.693359375), clamped);
    r = mulAdd(T, k, @splat(2.12194440e-4), r);
    var p: T = @splat(1.9875691500e-4);
    inline for (.{ 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1 }) |c| {
        p = mulAdd(T, p, r, @splat(c));
    }
    p = mulAdd(T, p, r * r, r + @as(T, @splat(1)));
    // 2^k in two steps, as k = 128 has no exponent of its own.
    const ki: U = @intFromFloat(k);
    const lower = ki >> @splat(1);
    const a: T = @bitCast((lower + @as(U, @splat(127))) << @splat(23));
    const b: T = @bitCast((ki - lower + @as(U, @splat(127))) << @splat(23));
    var result = p * a * b;
    result = @select(f32, x < low, @as(T, @splat(0)), result);
    result = @select(f32, x > high, @as(T, @splat(std.math.inf(f32))), result);
    return @select(f32, x != x, x, result);
}

/// 2^x of x <= 0, at most 3 ulp off; 0 below -126.5, NaN stays. What a softmax needs, in half the
/// steps of exp: a polynomial of the fraction, fitted for the least relative error, times 2 to the whole.
pub inline fn exp2(comptime T: type, x: T) T {
    const n = @typeInfo(T).vector.len;
    // This way round, a NaN is the result.
    const clamped = @select(f32, x < @as(T, @splat(-127)), @as(T, @splat(-127)), x);
    // Adding 1.5 x 2^23 leaves the nearest whole number in the lowest bits.
    const shift: T = @splat(12582912.0);
    const shifted = clamped + shift;
    const r = clamped - (shifted - shift);
    var p: T = @splat(1.326472614891827e-3);
    inline for (.{ 9.671512991189957e-3, 5.550733581185341e-2, 2.4022242426872253e-1, 6.931470036506653e-1, 1.0 }) |c| {
        p = mulAdd(T, p, r, @splat(c));
    }
    const bits: @Vector(n, u32) = @bitCast(shifted);
    const power: T = @bitCast((bits +% @as(@Vector(n, u32), @splat(127))) << @splat(23));
    return p * power;
}

/// 1 / (1 + e^-x), relative error below 4e-7.
pub inline fn sigmoid(comptime T: type, x: T) T {
    const one: T = @splat(1);
    return one / (one + exp(T, -x));
}

/// Hyperbolic tangent, absolute error below 3e-7: a polynomial near 0, where 1 - 2 / (e^2x + 1)
/// would cancel, and that form elsewhere.
pub inline fn tanh(comptime T: type, x: T) T {
    const one: T = @splat(1);
    const two: T = @splat(2);
    const magnitude = @abs(x);
    const far = one - two / (exp(T, magnitude * two) + one);
    const signed = @select(f32, x < @as(T, @splat(0)), -far, far);
    const s = x * x;
    var p: T = @splat(-5.70498872745e-3);
    inline for (.{ 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1 }) |c| {
        p = mulAdd(T, p, s, @splat(c));
    }
    const near = mulAdd(T, p * s, x, x);
    return @select(f32, magnitude < @as(T, @splat(0.625)), near, signed);
}

/// Scalar forms for the ends of rows: the same arithmetic, one lane.
pub inline fn scalar(comptime f: anytype, x: f32) f32 {
    const T = @Vector(1, f32);
    return f(T, T{x})[0];
}

test "a square transposed" {
    var rows: [lanes][lanes]f32 = undefined;
    for (&rows, 0..) |*row, i| {
        for (row, 0..) |*x, j| x.* = @floatFromInt(100 * i + j);
    }
    const columns: [lanes][lanes]f32 = @bitCast(transpose(@bitCast(rows)));
    for (columns, 0..) |column, j| {
        for (column, 0..) |x, i| try std.testing.expectEqual(rows[i][j], x);
    }
}

test "exp, sigmoid and tanh stay within their bounds" {
    var worst: f64 = 0;
    var x: f32 = -87.3;
    while (x < 88.7) : (x += 0.00731) {
        const truth = @exp(@as(f64, x));
        const got: f64 = exp(V, splat(x))[lanes - 1];
        worst = @max(worst, @abs(got - truth) / truth);
        try std.testing.expectApproxEqAbs(std.math.tanh(@as(f64, x)), @as(f64, tanh(V, splat(x))[0]), 3e-7);
        const s = 1 / (1 + @exp(-@as(f64, x)));
        if (x > -80) try std.testing.expectApproxEqRel(s, @as(f64, sigmoid(V, splat(x))[0]), 4e-7);
    }
    try std.testing.expect(worst < 2.4e-7);
    worst = 0;
    x = -125;
    while (x <= 0) : (x += 0.00171) {
        const truth = @exp2(@as(f64, x));
        worst = @max(worst, @abs(exp2(V, splat(x))[0] - truth) / truth);
    }
    try std.testing.expect(worst < 3.6e-7);
    try std.testing.expectEqual(@as(f32, 1), exp2(V, splat(0))[0]);
    try std.testing.expectEqual(@as(f32, 0), exp2(V, splat(-std.math.inf(f32)))[0]);
    try std.testing.expect(std.math.isNan(exp2(V, splat(std.math.nan(f32)))[0]));
    const inf = std.math.inf(f32);
    try std.testing.expectEqual(@as(f32, 0), exp(V, splat(-inf))[0]);
    try std.testing.expectEqual(inf, exp(V, splat(inf))[0]);
    try std.testing.expect(std.math.isNan(exp(V, splat(std.math.nan(f32)))[0]));
}
