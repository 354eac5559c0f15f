//! The innermost loop of attention over bytes: a tile of integer sums in registers, to which each step
//! adds pairs of words times pairs of bytes. Exact, so no order matters.
const std = @import("std");
const builtin = @import("builtin");
const simd = @import("../simd.zig");
const lanes = simd.lanes;

pub const Sums = @Vector(lanes, i32);
const Words = @Vector(2 * lanes, i16);

extern fn @"llvm.x86.sse2.pmadd.wd"(@Vector(8, i16), @Vector(8, i16)) @Vector(4, i32);
extern fn @"llvm.x86.avx2.pmadd.wd"(@Vector(16, i16), @Vector(16, i16)) @Vector(8, i32);
extern fn @"llvm.x86.avx512.vpdpwssd.512"(Sums, Sums, Sums) Sums;

/// sums[i][j] += both words of a[i * a_row + k * a_step] times each lane's two bytes of
/// b[j][k * b_step ..], for k in [0, count). Meanwhile as many bytes of what will be read next
/// are fetched, from `ahead` on.
pub inline fn multiply(
    comptime m: usize,
    comptime n: usize,
    a: [*]const i32,
    comptime a_row: usize,
    a_step: usize,
    b: [n][*]const i8,
    b_step: usize,
    count: usize,
    ahead: ?[*]const u8,
) [m][n]Sums {
    var sums: [m][n]Sums = @splat(@splat(@splat(0)));
    for (0..count) |k| {
        if (ahead) |next| simd.fetch(next + k * n * lanes * 2, n * lanes * 2);
        var pairs: [n]Words = undefined;
        inline for (&pairs, b) |*pair, bytes| pair.* = (bytes + k * b_step)[0 .. 2 * lanes].*;
        inline for (0..m) |i| {
            const words: Words = @bitCast(@as(Sums, @splat(a[i * a_row + k * a_step])));
            inline for (0..n) |j| sums[i][j] = addProducts(sums[i][j], words, pairs[j]);
        }
    }
    return sums;
}

/// Products of the words of each lane, added in pairs.
inline fn addProducts(sum: Sums, a: Words, b: Words) Sums {
    if (builtin.cpu.arch == .x86_64) switch (lanes) {
        4 => return sum +% @"llvm.x86.sse2.pmadd.wd"(a, b),
        8 => return sum +% @"llvm.x86.avx2.pmadd.wd"(a, b),
        else => return @"llvm.x86.avx512.vpdpwssd.512"(sum, @bitCast(a), @bitCast(b)),
    };
    return sum +% low(a) *% low(b) +% high(a) *% high(b);
}

inline fn low(words: Words) Sums {
    return (@as(Sums, @bitCast(words)) << @splat(16)) >> @splat(16);
}

inline fn high(words: Words) Sums {
    return @as(Sums, @bitCast(words)) >> @splat(16);
}

/// The nearest whole numbers of values within ±32767.
pub inline fn nearest(x: simd.V) @Vector(lanes, i16) {
    // Adding 1.5 x 2^23 leaves them in the lowest bits.
    const bits: @Vector(lanes, u32) = @bitCast(x + simd.splat(12582912.0));
    return @bitCast(@as(@Vector(lanes, u16), @truncate(bits)));
}

/// What the largest magnitude is divided by, to become `most`: 0 of nothing but zeros.
pub fn inverse(highest: f32, most: f32) f32 {
    return if (highest == 0) 0 else most / highest;
}

test "sums of products are exact up to the largest words and bytes" {
    var random = std.Random.DefaultPrng.init(5);
    for (0..50) |round| {
        const count = 9;
        var words: [2][count][2]i16 align(4) = undefined;
        var bytes: [count][2 * lanes]i8 = undefined;
        for (&words) |*row| for (row) |*pair| for (pair) |*w| {
            w.* = if (round == 0) 32767 else random.random().intRangeAtMost(i16, -32767, 32767);
        };
        for (&bytes) |*row| for (row) |*x| {
            x.* = if (round == 0) -127 else random.random().intRangeAtMost(i8, -127, 127);
        };
        const a: [*]const i32 = @ptrCast(@alignCast(&words));
        const got = multiply(2, 1, a, count, 1, .{@ptrCast(&bytes)}, 2 * lanes, count, null);
        for (words, got) |row, sums| {
            const all: [lanes]i32 = sums[0];
            for (all, 0..) |sum, lane| {
                var wanted: i32 = 0;
                for (row, bytes) |pair, columns| {
                    wanted += @as(i32, pair[0]) * columns[2 * lane] + @as(i32, pair[1]) * columns[2 * lane + 1];
                }
                try std.testing.expectEqual(wanted, sum);
            }
        }
    }
}

test "nearest whole numbers" {
    for ([_]f32{ 0, 0.4, -0.6, 32767, -32767, 1234.4999, -3.0 }) |x| {
        try std.testing.expectEqual(@as(i16, @intFromFloat(@round(x))), nearest(simd.splat(x))[0]);
    }
}
