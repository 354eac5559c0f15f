//! F32, F16 and BF16 rows: one element a block. The conversions of half floats live here too, as
//! the block formats keep their scales in F16.
const std = @import("std");
const builtin = @import("builtin");

/// Whether the CPU this is compiled for widens f16 by an instruction. LLVM calls a function for
/// every element where it does not, so such CPUs take `halfToFloatByBits`.
const has_half = switch (builtin.cpu.arch) {
    .x86_64 => std.Target.x86.featureSetHas(builtin.cpu.features, .f16c),
    .aarch64 => true,
    else => false,
};

/// The f32 values of n f16 bit patterns, exact (a NaN stays a NaN).
pub inline fn halfToFloat(comptime n: usize, bits: @Vector(n, u16)) @Vector(n, f32) {
    if (!has_half) return halfToFloatByBits(n, bits);
    return @floatCast(@as(@Vector(n, f16), @bitCast(bits)));
}

/// The same by integer operations alone. A subnormal half is read as the fraction of a float of
/// exponent -14, whose leading one is then subtracted: no subnormal float takes part, so neither
/// its slowness nor a flush-to-zero mode matters.
pub inline fn halfToFloatByBits(comptime n: usize, bits: @Vector(n, u16)) @Vector(n, f32) {
    const U = @Vector(n, u32);
    const F = @Vector(n, f32);
    const wide: U = bits;
    const sign = (wide & @as(U, @splat(0x8000))) << @splat(16);
    const magnitude = (wide & @as(U, @splat(0x7fff))) << @splat(13);
    const normal = magnitude + @as(U, @splat(112 << 23));
    const one: F = @bitCast(@as(U, @splat(113 << 23)));
    const subnormal: U = @bitCast(@as(F, @bitCast(magnitude + @as(U, @splat(113 << 23)))) - one);
    const special = magnitude | @as(U, @splat(0x7f80_0000));
    var result = @select(u32, magnitude < @as(U, @splat(1 << 23)), subnormal, normal);
    result = @select(u32, magnitude >= @as(U, @splat(31 << 23)), special, result);
    return @bitCast(result | sign);
}

/// The f16 bit patterns nearest to n floats, ties to even. A NaN becomes the quiet NaN of its sign
/// without payload, as in ggml.
pub inline fn floatToHalf(comptime n: usize, values: @Vector(n, f32)) @Vector(n, u16) {
    const U = @Vector(n, u32);
    const bits: U = @bitCast(values);
    const magnitude = bits & @as(U, @splat(0x7fff_ffff));
    const odd = (magnitude >> @splat(13)) & @as(U, @splat(1));
    // Wraps below 2^-14, where the other branch is chosen.
    const normal = (magnitude -% @as(U, @splat((112 << 23) - 0xfff)) +% odd) >> @splat(13);
    // 0.5 has the unit of the subnormal halves, 2^-24, in its last place: the addition rounds.
    const half: @Vector(n, f32) = @splat(0.5);
    const sum: U = @bitCast(@as(@Vector(n, f32), @bitCast(magnitude)) + half);
    const subnormal = sum -% @as(U, @bitCast(half));
    const is_nan = magnitude > @as(U, @splat(0x7f80_0000));
    const special = @select(u32, is_nan, @as(U, @splat(0x7e00)), @as(U, @splat(0x7c00)));
    var result = @select(u32, magnitude < @as(U, @splat(113 << 23)), subnormal, normal);
    result = @select(u32, magnitude >= @as(U, @splat(143 << 23)), special, result);
    return @truncate(result | ((bits >> @splat(16)) & @as(U, @splat(0x8000))));
}

/// The scale that a block keeps as F16 at `source`, which need not be aligned.
pub inline fn readHalf(source: [*]const u8) f32 {
    return halfToFloat(1, .{std.mem.readInt(u16, source[0..2], .little)})[0];
}

pub inline fn writeHalf(output: [*]u8, value: f32) void {
    std.mem.writeInt(u16, output[0..2], floatToHalf(1, .{value})[0], .little);
}

pub const F32 = struct {
    pub const block_size = 1;
    pub const block_bytes = 4;

    pub fn dequantize(
        comptime lanes: usize,
        source: [*]const u8,
        count: usize,
        output: [*]f32,
    ) void {
        comptime std.debug.assert(lanes > 0);
        @memcpy(@as([*]u8, @ptrCast(output))[0 .. count * 4], source[0 .. count * 4]);
    }

    pub fn quantize(source: [*]const f32, count: usize, output: [*]u8) void {
        @memcpy(output[0 .. count * 4], @as([*]const u8, @ptrCast(source))[0 .. count * 4]);
    }
};

pub const F16 = struct {
    pub const block_size = 1;
    pub const block_bytes = 2;

    pub fn dequantize(
        comptime lanes: usize,
        source: [*]const u8,
        count: usize,
        output: [*]f32,
    ) void {
        var i: usize = 0;
        while (i + lanes <= count) : (i += lanes) {
            const bits: @Vector(lanes, u16) = @bitCast(source[2 * i ..][0 .. 2 * lanes].*);
            output[i..][0..lanes].* = halfToFloat(lanes, bits);
        }
        while (i < count) : (i += 1) output[i] = readHalf(source + 2 * i);
    }

    pub fn quantize(source: [*]const f32, count: usize, output: [*]u8) void {
        var i: usize = 0;
        while (i + 8 <= count) : (i += 8) {
            output[2 * i ..][0..16].* = @bitCast(floatToHalf(8, source[i..][0..8].*));
        }
        while (i < count) : (i += 1) writeHalf(output + 2 * i, source[i]);
    }
};

pub const BF16 = struct {
    pub const block_size = 1;
    pub const block_bytes = 2;

    pub fn dequantize(
        comptime lanes: usize,
        source: [*]const u8,
        count: usize,
        output: [*]f32,
    ) void {
        var i: usize = 0;
        while (i + lanes <= count) : (i += lanes) {
            const bits: @Vector(lanes, u16) = @bitCast(source[2 * i ..][0 .. 2 * lanes].*);
            output[i..][0..lanes].* = widen(lanes, bits);
        }
        while (i < count) : (i += 1) {
            output[i] = widen(1, .{std.mem.readInt(u16, source[2 * i ..][0..2], .little)})[0];
        }
    }

    /// Rounds to nearest, ties to even; a NaN keeps its upper bits and is made quiet.
    pub fn quantize(source: [*]const f32, count: usize, output: [*]u8) void {
        var i: usize = 0;
        while (i + 8 <= count) : (i += 8) {
            output[2 * i ..][0..16].* = @bitCast(narrow(8, source[i..][0..8].*));
        }
        while (i < count) : (i += 1) {
            std.mem.writeInt(u16, output[2 * i ..][0..2], narrow(1, .{source[i]})[0], .little);
        }
    }

    inline fn widen(comptime n: usize, bits: @Vector(n, u16)) @Vector(n, f32) {
        return @bitCast(@as(@Vector(n, u32), bits) << @splat(16));
    }

    /// The bits of the nearest bf16.
    pub inline fn narrow(comptime n: usize, values: @Vector(n, f32)) @Vector(n, u16) {
        const U = @Vector(n, u32);
        const bits: U = @bitCast(values);
        const is_nan = (bits & @as(U, @splat(0x7fff_ffff))) > @as(U, @splat(0x7f80_0000));
        const odd = (bits >> @splat(16)) & @as(U, @splat(1));
        const rounded = (bits +% @as(U, @splat(0x7fff)) +% odd) >> @splat(16);
        const quiet = (bits >> @splat(16)) | @as(U, @splat(0x40));
        return @truncate(@select(u32, is_nan, quiet, rounded));
    }
};
