//! Sums of products of unsigned weights with signed inputs of eight bits, four columns to a lane: what
//! the tile products are made of, by the instructions that each kind of CPU has for it. All exact.
const std = @import("std");
const builtin = @import("builtin");
const simd = @import("../simd.zig");

const lanes = simd.lanes;
pub const Bytes = @Vector(4 * lanes, u8);
pub const Sums = @Vector(lanes, i32);
const Signed = @Vector(4 * lanes, i8);
const Words = @Vector(2 * lanes, i16);

extern fn @"llvm.x86.sse2.pmadd.wd"(@Vector(8, i16), @Vector(8, i16)) @Vector(4, i32);
extern fn @"llvm.x86.avx2.pmadd.wd"(@Vector(16, i16), @Vector(16, i16)) @Vector(8, i32);
extern fn @"llvm.x86.avx2.pmadd.ub.sw"(@Vector(32, u8), @Vector(32, i8)) @Vector(16, i16);
extern fn @"llvm.x86.avx512.vpdpbusd.512"(Sums, Sums, Sums) Sums;

/// Weights of at most `bits` bits.
pub fn Quads(comptime bits: u8) type {
    return switch (lanes) {
        16 => FourAtOnce,
        8 => if (bits == 8) Nibbles else Pairs(bits),
        else => Widened,
    };
}

/// AVX-512 VNNI: one instruction multiplies four columns and adds them to the sum.
const FourAtOnce = struct {
    pub const Weights = Bytes;

    pub inline fn from(bytes: Bytes) Weights {
        return bytes;
    }

    /// `start` plus the products of `count` quads, for each of `parts` vectors of rows.
    pub inline fn dot(
        comptime parts: usize,
        comptime count: usize,
        weights: *const [count][parts]Weights,
        input: [*]const i8,
        start: i32,
    ) [parts]Sums {
        var sums: [parts]Sums = @splat(@splat(start));
        inline for (weights, 0..) |quad, i| {
            const x = spread(input, i);
            inline for (&sums, quad) |*sum, weight| {
                sum.* = @"llvm.x86.avx512.vpdpbusd.512"(sum.*, @bitCast(weight), x);
            }
        }
        return sums;
    }
};

/// AVX2: products of pairs are added up in 16 bits as long as they cannot overflow.
fn Pairs(comptime bits: u8) type {
    return struct {
        pub const Weights = Bytes;
        /// Quads whose sums fit: inputs are at most 127 from zero.
        const fitting = 32767 / (2 * 127 * ((1 << bits) - 1));

        pub inline fn from(bytes: Bytes) Weights {
            return bytes;
        }

        pub inline fn dot(
            comptime parts: usize,
            comptime count: usize,
            weights: *const [count][parts]Weights,
            input: [*]const i8,
            start: i32,
        ) [parts]Sums {
            var sums: [parts]Sums = @splat(@splat(start));
            comptime var first = 0;
            inline while (first < count) : (first += fitting) {
                var short: [parts]Words = @splat(@splat(0));
                inline for (first..@min(count, first + fitting)) |i| {
                    const x: Signed = @bitCast(spread(input, i));
                    inline for (&short, weights[i]) |*sum, weight| {
                        sum.* +%= @"llvm.x86.avx2.pmadd.ub.sw"(weight, x);
                    }
                }
                inline for (&sums, short) |*sum, pairs| sum.* +%= multiplyWords(pairs, @splat(1));
            }
            return sums;
        }
    };
}

/// AVX2, eight bits: products of pairs would overflow, so a weight is 16 times its high half and
/// its low half.
const Nibbles = struct {
    pub const Weights = [2]Bytes;
    const Half = Pairs(4);

    pub inline fn from(bytes: Bytes) Weights {
        return .{ bytes & @as(Bytes, @splat(15)), bytes >> @splat(4) };
    }

    pub inline fn dot(
        comptime parts: usize,
        comptime count: usize,
        weights: *const [count][parts]Weights,
        input: [*]const i8,
        start: i32,
    ) [parts]Sums {
        // A weight's halves are two more vectors of rows.
        const both: *const [count][2 * parts]Bytes = @ptrCast(weights);
        const halves = Half.dot(2 * parts, count, both, input, 0);
        var sums: [parts]Sums = undefined;
        inline for (&sums, 0..) |*sum, part| {
            const upper = halves[2 * part + 1] << @splat(4);
            sum.* = halves[2 * part] +% upper +% @as(Sums, @splat(start));
        }
        return sums;
    }
};

/// Elsewhere: columns 0 and 2 of each quad as 16-bit integers, and 1 and 3.
const Widened = struct {
    pub const Weights = [2]Words;

    pub inline fn from(bytes: Bytes) Weights {
        const words: @Vector(2 * lanes, u16) = @bitCast(bytes);
        return .{ @bitCast(words & @as(@TypeOf(words), @splat(255))), @bitCast(words >> @splat(8)) };
    }

    pub inline fn dot(
        comptime parts: usize,
        comptime count: usize,
        weights: *const [count][parts]Weights,
        input: [*]const i8,
        start: i32,
    ) [parts]Sums {
        var sums: [parts]Sums = @splat(@splat(start));
        inline for (weights, 0..) |quad, i| {
            const x: Words = @bitCast(spread(input, i));
            const even = (x << @splat(8)) >> @splat(8);
            const odd = x >> @splat(8);
            inline for (&sums, quad) |*sum, weight| {
                sum.* +%= multiplyWords(weight[0], even) +% multiplyWords(weight[1], odd);
            }
        }
        return sums;
    }
};

/// Four columns of an input in every lane.
inline fn spread(input: [*]const i8, comptime quad: usize) Sums {
    const four: *align(1) const i32 = @ptrCast(input + 4 * quad);
    return @splat(four.*);
}

/// Products of the words of each lane, added in pairs.
inline fn multiplyWords(a: Words, b: Words) Sums {
    if (builtin.cpu.arch == .x86_64 and lanes == 4) return @"llvm.x86.sse2.pmadd.wd"(a, b);
    if (builtin.cpu.arch == .x86_64 and lanes == 8) return @"llvm.x86.avx2.pmadd.wd"(a, b);
    return low(a) *% low(b) +% high(a) *% high(b);
}

inline fn low(words: Words) Sums {
    return (@as(Sums, @bitCast(words)) << @splat(16)) >> @splat(16);
}

inline fn high(words: Words) Sums {
    return @as(Sums, @bitCast(words)) >> @splat(16);
}

test "sums of products are exact up to the largest weights and inputs" {
    @setEvalBranchQuota(10_000);
    var random = std.Random.DefaultPrng.init(3);
    inline for (.{ 4, 5, 6, 8 }) |bits| for (0..200) |round| {
        const count = 8;
        const Kind = Quads(bits);
        var bytes: [count][4 * lanes]u8 = undefined;
        var input: [4 * count]i8 = undefined;
        const largest = (1 << bits) - 1;
        for (&bytes) |*quad| for (quad) |*w| {
            w.* = if (round == 0) largest else random.random().uintAtMost(u8, largest);
        };
        for (&input) |*x| x.* = switch (round) {
            0 => 127,
            1 => -127,
            else => random.random().intRangeAtMost(i8, -127, 127),
        };
        var weights: [count][1]Kind.Weights = undefined;
        for (&weights, bytes) |*to, quad| to[0] = Kind.from(quad);
        const got: [lanes]i32 = Kind.dot(1, count, &weights, &input, -7)[0];
        for (got, 0..) |sum, lane| {
            var wanted: i32 = -7;
            for (input, 0..) |x, k| wanted += @as(i32, x) * bytes[k / 4][4 * lane + k % 4];
            try std.testing.expectEqual(wanted, sum);
        }
    };
}
