//! Turns a head so that what a few of its dimensions hold is spread over many: by a Hadamard matrix, the
//! same for queries and keys, which leaves their products as they are but for a factor. A key whose
//! largest dimensions no longer stand out loses half as much when it is kept in bytes.
const std = @import("std");
const simd = @import("../simd.zig");
const lanes = simd.lanes;

/// Dimensions that are mixed: the largest power of two that divides the head's. Products of what
/// was turned are as many times too large.
pub fn order(head_dim: usize) usize {
    return @as(usize, 1) << @intCast(@ctz(head_dim));
}

/// In place, `padded_dim` values of which those from head_dim on are 0.
pub fn turn(head: [*]f32, head_dim: usize, padded_dim: usize) void {
    const size = order(head_dim);
    comptime var step = 1;
    inline while (step < lanes) : (step *= 2) {
        if (step < size) withinVectors(step, head[0..padded_dim]);
    }
    var distance: usize = lanes;
    while (distance < size) : (distance *= 2) {
        var first: usize = 0;
        while (first < head_dim) : (first += 2 * distance) {
            var d = first;
            while (d < first + distance) : (d += lanes) {
                const a = simd.load(head + d);
                const b = simd.load(head + d + distance);
                simd.store(head + d, a + b);
                simd.store(head + d + distance, a - b);
            }
        }
    }
}

/// a and b, `step` apart, become a + b and a - b.
inline fn withinVectors(comptime step: usize, head: []f32) void {
    const partner, const sign = comptime exchange(step);
    var d: usize = 0;
    while (d < head.len) : (d += lanes) {
        const x = simd.load(head.ptr + d);
        simd.store(head.ptr + d, @shuffle(f32, x, undefined, partner) + x * sign);
    }
}

fn exchange(comptime step: usize) struct { @Vector(lanes, i32), simd.V } {
    var partner: [lanes]i32 = undefined;
    var sign: [lanes]f32 = undefined;
    for (&partner, &sign, 0..) |*p, *s, i| {
        p.* = @intCast(i ^ step);
        s.* = if (i & step == 0) 1 else -1;
    }
    return .{ partner, sign };
}

test "turned twice a head is itself times the order, and products are kept" {
    for ([_]usize{ 1, 20, 33, 64, 96, 128 }) |dim| {
        const padded = std.mem.alignForward(usize, dim, 16);
        var a: [128]f32 = @splat(0);
        var b: [128]f32 = @splat(0);
        for (0..dim) |i| {
            a[i] = @floatFromInt(i * i % 31);
            b[i] = @floatFromInt(i * 7 % 13);
        }
        const before = a;
        var product: f32 = 0;
        for (a, b) |x, y| product += x * y;
        turn(&a, dim, padded);
        turn(&b, dim, padded);
        var turned: f32 = 0;
        for (a, b) |x, y| turned += x * y;
        const factor: f32 = @floatFromInt(order(dim));
        try std.testing.expectApproxEqRel(product * factor, turned, 1e-6);
        turn(&a, dim, padded);
        for (a, before) |x, y| try std.testing.expectEqual(y * factor, x);
    }
}
