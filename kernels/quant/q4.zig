//! Q4_0 and Q4_1: 32 elements of four bits, one F16 scale, Q4_1 also with an F16 minimum. Byte j
//! of a block holds element j in its low half and element j + 16 in its high half. Quantised as in
//! ggml without an importance matrix, to the byte.
const std = @import("std");
const block = @import("block.zig");
const float16 = @import("float16.zig");

pub const Q4_0 = struct {
    pub const block_size = 32;
    pub const block_bytes = 18;

    pub fn dequantize(
        comptime lanes: usize,
        source: [*]const u8,
        count: usize,
        output: [*]f32,
    ) void {
        for (0..count / block_size) |i| {
            const bytes = source + i * block_bytes;
            const values = output + i * block_size;
            const scale = float16.readHalf(bytes);
            const packed_pairs = block.load(bytes + 2);
            block.scaled(lanes, centred(block.lowNibbles(packed_pairs)), scale, values);
            block.scaled(lanes, centred(block.highNibbles(packed_pairs)), scale, values + 16);
        }
    }

    /// The element farthest from zero (the first of several) becomes -8.
    pub fn quantize(source: [*]const f32, count: usize, output: [*]u8) void {
        for (0..count / block_size) |i| {
            const values = source[i * block_size ..][0..block_size];
            const bytes = output + i * block_bytes;
            var magnitude: f32 = 0;
            var farthest: f32 = 0;
            for (values) |value| {
                if (magnitude < @abs(value)) {
                    magnitude = @abs(value);
                    farthest = value;
                }
            }
            const scale = farthest / -8;
            const inverse: f32 = if (scale != 0) 1 / scale else 0;
            float16.writeHalf(bytes, scale);
            bytes[2..18].* = packPairs(values, 0, inverse, 8.5);
        }
    }

    inline fn centred(quants: block.Bytes) @Vector(16, i8) {
        return @as(@Vector(16, i8), @bitCast(quants)) - @as(@Vector(16, i8), @splat(8));
    }
};

pub const Q4_1 = struct {
    pub const block_size = 32;
    pub const block_bytes = 20;

    pub fn dequantize(
        comptime lanes: usize,
        source: [*]const u8,
        count: usize,
        output: [*]f32,
    ) void {
        for (0..count / block_size) |i| {
            const bytes = source + i * block_bytes;
            const values = output + i * block_size;
            const scale = float16.readHalf(bytes);
            const minimum = float16.readHalf(bytes + 2);
            const packed_pairs = block.load(bytes + 4);
            block.affine(lanes, block.lowNibbles(packed_pairs), scale, minimum, values);
            block.affine(lanes, block.highNibbles(packed_pairs), scale, minimum, values + 16);
        }
    }

    /// The smallest element becomes 0, the largest 15.
    pub fn quantize(source: [*]const f32, count: usize, output: [*]u8) void {
        for (0..count / block_size) |i| {
            const values = source[i * block_size ..][0..block_size];
            const bytes = output + i * block_bytes;
            var minimum = std.math.floatMax(f32);
            var maximum = -std.math.floatMax(f32);
            for (values) |value| {
                if (value < minimum) minimum = value;
                if (value > maximum) maximum = value;
            }
            const scale = (maximum - minimum) / 15;
            const inverse: f32 = if (scale != 0) 1 / scale else 0;
            float16.writeHalf(bytes, scale);
            float16.writeHalf(bytes + 2, minimum);
            bytes[4..20].* = packPairs(values, minimum, inverse, 0.5);
        }
    }
};

/// The nibbles (value - minimum) * inverse + rounding, at most 15, of elements j and j + 16.
inline fn packPairs(values: *const [32]f32, minimum: f32, inverse: f32, rounding: f32) block.Bytes {
    const low = quantizeHalf(values[0..16].*, minimum, inverse, rounding);
    const high = quantizeHalf(values[16..32].*, minimum, inverse, rounding);
    return low | (high << @splat(4));
}

inline fn quantizeHalf(
    values: @Vector(16, f32),
    minimum: f32,
    inverse: f32,
    rounding: f32,
) block.Bytes {
    const Floats = @Vector(16, f32);
    const shifted = values - @as(Floats, @splat(minimum));
    const positions = shifted * @as(Floats, @splat(inverse)) + @as(Floats, @splat(rounding));
    const integers: @Vector(16, i32) = @trunc(block.convertible(16, positions));
    const quants: @Vector(16, i8) = @truncate(integers);
    return @bitCast(@min(quants, @as(@Vector(16, i8), @splat(15))));
}
