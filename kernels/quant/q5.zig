//! Q5_0 and Q5_1: 32 elements of five bits, one F16 scale, Q5_1 also with an F16 minimum. The low
//! four bits lie as in Q4_0, the fifth bit of element j is bit j of a word before them.
const block = @import("block.zig");
const float16 = @import("float16.zig");

const Signed = @Vector(16, i8);

pub const Q5_0 = struct {
    pub const block_size = 32;
    pub const block_bytes = 22;

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
            const quants = unpack(bytes + 2, bytes + 6);
            inline for (quants, 0..) |unsigned, part| {
                const signed = @as(Signed, @bitCast(unsigned)) - @as(Signed, @splat(16));
                block.scaled(lanes, signed, scale, values + part * 16);
            }
        }
    }
};

pub const Q5_1 = struct {
    pub const block_size = 32;
    pub const block_bytes = 24;

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
            const quants = unpack(bytes + 4, bytes + 8);
            inline for (quants, 0..) |unsigned, part| {
                block.affine(lanes, unsigned, scale, minimum, values + part * 16);
            }
        }
    }
};

/// Elements 0 to 15 and 16 to 31 as numbers below 32.
inline fn unpack(fifth_bits: [*]const u8, nibbles: [*]const u8) [2]block.Bytes {
    const packed_pairs = block.load(nibbles);
    return .{
        block.lowNibbles(packed_pairs) | sixteens(fifth_bits[0..2].*),
        block.highNibbles(packed_pairs) | sixteens(fifth_bits[2..4].*),
    };
}

/// 16 where bit j of the two bytes is set, else 0.
inline fn sixteens(bits: @Vector(2, u8)) block.Bytes {
    const masks: block.Bytes = .{ 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128 };
    const first: i32 = 0;
    const second: i32 = 1;
    const order = [_]i32{first} ** 8 ++ [_]i32{second} ** 8;
    const spread = @shuffle(u8, bits, undefined, order) & masks;
    return @select(u8, spread == masks, @as(block.Bytes, @splat(16)), @as(block.Bytes, @splat(0)));
}
