//! Q4_0 and Q4_1: 32 elements of four bits, one F16 scale, Q4_1 also with an F16 minimum. Byte j of
//! a block holds element j in its low half and element j + 16 in its high half.
const block = @import("block.zig");
const float16 = @import("float16.zig");

pub const Q4_0 = struct {
    pub const block_size = 32;
    pub const block_bytes = 18;

    pub fn dequantize(comptime lanes: usize, source: [*]const u8, count: usize, output: [*]f32) void {
        for (0..count / block_size) |i| {
            const bytes = source + i * block_bytes;
            const values = output + i * block_size;
            const scale = float16.readHalf(bytes);
            const packed_pairs = block.load(bytes + 2);
            block.scaled(lanes, centred(block.lowNibbles(packed_pairs)), scale, values);
            block.scaled(lanes, centred(block.highNibbles(packed_pairs)), scale, values + 16);
        }
    }

    inline fn centred(quants: block.Bytes) @Vector(16, i8) {
        return @as(@Vector(16, i8), @bitCast(quants)) - @as(@Vector(16, i8), @splat(8));
    }
};

pub const Q4_1 = struct {
    pub const block_size = 32;
    pub const block_bytes = 20;

    pub fn dequantize(comptime lanes: usize, source: [*]const u8, count: usize, output: [*]f32) void {
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
};
