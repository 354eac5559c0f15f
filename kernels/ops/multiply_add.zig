//! Pairs of 16-bit integers multiplied and added up in 32 bits: the one instruction that the tile
//! products are made of, on each kind of CPU.
const std = @import("std");
const builtin = @import("builtin");
const simd = @import("../simd.zig");

const lanes = simd.lanes;
pub const Words = @Vector(2 * lanes, i16);
pub const Sums = @Vector(lanes, i32);

extern fn @"llvm.x86.sse2.pmadd.wd"(@Vector(8, i16), @Vector(8, i16)) @Vector(4, i32);
extern fn @"llvm.x86.avx2.pmadd.wd"(@Vector(16, i16), @Vector(16, i16)) @Vector(8, i32);
extern fn @"llvm.x86.avx512.vpdpwssd.512"(@Vector(16, i32), @Vector(16, i32), @Vector(16, i32)) @Vector(16, i32);

/// sums[lane] + a[2 lane] * b[2 lane] + a[2 lane + 1] * b[2 lane + 1]; no sum may overflow.
pub inline fn multiplyAdd(sums: Sums, a: Words, b: Words) Sums {
    if (builtin.cpu.arch != .x86_64) return sums +% product(a, b);
    return switch (lanes) {
        4 => sums +% @"llvm.x86.sse2.pmadd.wd"(a, b),
        8 => sums +% @"llvm.x86.avx2.pmadd.wd"(a, b),
        16 => @"llvm.x86.avx512.vpdpwssd.512"(sums, @bitCast(a), @bitCast(b)),
        else => comptime unreachable,
    };
}

/// Without an instruction for the whole: the halves of each lane, widened.
inline fn product(a: Words, b: Words) Sums {
    return low(a) *% low(b) +% high(a) *% high(b);
}

inline fn low(words: Words) Sums {
    return (@as(Sums, @bitCast(words)) << @splat(16)) >> @splat(16);
}

inline fn high(words: Words) Sums {
    return @as(Sums, @bitCast(words)) >> @splat(16);
}

test "a sum of products of pairs" {
    var random = std.Random.DefaultPrng.init(3);
    for (0..100) |_| {
        var a: [2 * lanes]i16 = undefined;
        var b: [2 * lanes]i16 = undefined;
        for (&a) |*x| x.* = random.random().int(i8);
        for (&b) |*x| x.* = random.random().intRangeAtMost(i16, -32767, 32767);
        const sums: Sums = @splat(-5);
        const got = multiplyAdd(sums, a, b);
        try std.testing.expectEqual(sums +% product(a, b), got);
        const wanted = @as(i32, a[2]) * b[2] + @as(i32, a[3]) * b[3] - 5;
        try std.testing.expectEqual(wanted, got[1]);
    }
}
