//! Q6_K: 256 elements of six bits around 32 in sixteen groups of 16, each with a signed eight-bit
//! scale in units of one F16 number. The upper two bits of the elements are apart.
const block = @import("block.zig");
const float16 = @import("float16.zig");

pub const Q6_K = struct {
    pub const block_size = 256;
    pub const block_bytes = 210;
    const upper_at = 128;
    const scales_at = 192;
    const unit_at = 208;

    pub fn dequantize(comptime lanes: usize, source: [*]const u8, count: usize, output: [*]f32) void {
        for (0..count / block_size) |i| {
            dequantizeBlock(lanes, source + i * block_bytes, output + i * block_size);
        }
    }

    inline fn dequantizeBlock(comptime lanes: usize, bytes: [*]const u8, output: [*]f32) void {
        @setEvalBranchQuota(20_000);
        const unit = float16.readHalf(bytes + unit_at);
        const group_scales: @Vector(16, i8) = @bitCast(block.load(bytes + scales_at));
        const scales = block.multiples(16, group_scales, unit);
        // In each half of the block, 64 bytes hold the low nibbles of elements 0-63 and, above
        // them, of 64-127; 32 bytes hold the upper bits of j, j + 32, j + 64 and j + 96.
        inline for (0..2) |half| {
            inline for (0..2) |side| {
                const upper = block.load(bytes + upper_at + half * 32 + side * 16);
                inline for (0..2) |column| {
                    const packed_pairs = block.load(bytes + half * 64 + column * 32 + side * 16);
                    const group = half * 8 + column * 2 + side;
                    const low = centred(block.lowNibbles(packed_pairs), upper >> @splat(2 * column));
                    const high = centred(block.highNibbles(packed_pairs), upper >> @splat(2 * column + 4));
                    block.scaled(lanes, low, scales[group], output + group * 16);
                    block.scaled(lanes, high, scales[group + 4], output + group * 16 + 64);
                }
            }
        }
    }

    inline fn centred(nibbles: block.Bytes, upper: block.Bytes) @Vector(16, i8) {
        const bits = (upper & @as(block.Bytes, @splat(3))) << @splat(4);
        return @as(@Vector(16, i8), @bitCast(nibbles | bits)) - @as(@Vector(16, i8), @splat(32));
    }
};
