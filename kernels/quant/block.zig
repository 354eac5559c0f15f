//! What the block formats share: sixteen small integers become sixteen floats, `lanes` at a time.
//! Products and sums are rounded one by one, never fused: the results are the gguf package's bits.
const std = @import("std");

pub const Bytes = @Vector(16, u8);

/// Sixteen bytes at any address.
pub inline fn load(source: [*]const u8) Bytes {
    return source[0..16].*;
}

pub inline fn lowNibbles(packed_pairs: Bytes) Bytes {
    return packed_pairs & @as(Bytes, @splat(0x0f));
}

pub inline fn highNibbles(packed_pairs: Bytes) Bytes {
    return packed_pairs >> @splat(4);
}

/// output[i] = scale * quants[i]; quants is a vector of 16 u8 or i8.
pub inline fn scaled(comptime lanes: usize, quants: anytype, scale: f32, output: [*]f32) void {
    const Floats = @Vector(lanes, f32);
    inline for (0..16 / lanes) |chunk| {
        const product = @as(Floats, @splat(scale)) * floats(lanes, quants, chunk);
        output[chunk * lanes ..][0..lanes].* = product;
    }
}

/// output[i] = scale * quants[i] + offset, in two roundings.
pub inline fn affine(
    comptime lanes: usize,
    quants: Bytes,
    scale: f32,
    offset: f32,
    output: [*]f32,
) void {
    const Floats = @Vector(lanes, f32);
    inline for (0..16 / lanes) |chunk| {
        const product = @as(Floats, @splat(scale)) * floats(lanes, quants, chunk);
        output[chunk * lanes ..][0..lanes].* = product + @as(Floats, @splat(offset));
    }
}

/// unit * numbers[i] for the n small scales of a block.
pub inline fn multiples(comptime n: usize, numbers: anytype, unit: f32) @Vector(n, f32) {
    return @as(@Vector(n, f32), @splat(unit)) * floats(n, numbers, 0);
}

/// The values, but 0 for a NaN and for what an i32 cannot hold. x86 converts those to 0x80000000,
/// of which the quantisers keep the low byte: so a file is the same whichever CPU wrote it.
pub inline fn convertible(comptime n: usize, values: @Vector(n, f32)) @Vector(n, f32) {
    const Floats = @Vector(n, f32);
    const fits = @abs(values) < @as(Floats, @splat(2147483648.0));
    return @select(f32, fits, values, @as(Floats, @splat(0)));
}

inline fn floats(
    comptime lanes: usize,
    quants: anytype,
    comptime chunk: usize,
) @Vector(lanes, f32) {
    const part: @Vector(lanes, i32) = std.simd.extract(quants, chunk * lanes, lanes);
    return @floatFromInt(part);
}
