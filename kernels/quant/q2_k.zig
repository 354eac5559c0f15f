//! Q2_K: 256 elements of two bits in sixteen groups of 16. A group's scale and minimum are four
//! bits each, in units of two F16 numbers of the block.
const block = @import("block.zig");
const float16 = @import("float16.zig");

pub const Q2_K = struct {
    pub const block_size = 256;
    pub const block_bytes = 84;
    const quants_at = 16;
    const unit_at = 80;

    pub fn dequantize(
        comptime lanes: usize,
        source: [*]const u8,
        count: usize,
        output: [*]f32,
    ) void {
        for (0..count / block_size) |i| {
            dequantizeBlock(lanes, source + i * block_bytes, output + i * block_size);
        }
    }

    inline fn dequantizeBlock(comptime lanes: usize, bytes: [*]const u8, output: [*]f32) void {
        @setEvalBranchQuota(20_000);
        const packed_scales = block.load(bytes);
        const unit = float16.readHalf(bytes + unit_at);
        const minimum_unit = float16.readHalf(bytes + unit_at + 2);
        const scales = block.multiples(16, block.lowNibbles(packed_scales), unit);
        const offsets = -block.multiples(16, block.highNibbles(packed_scales), minimum_unit);
        // A half of the block is 32 bytes; bits 0-1 of all of them come first, then bits 2-3 …
        inline for (0..2) |half| {
            inline for (0..2) |side| {
                const quants = block.load(bytes + quants_at + half * 32 + side * 16);
                inline for (0..4) |pair| {
                    const group = half * 8 + pair * 2 + side;
                    const two_bits = (quants >> @splat(2 * pair)) & @as(block.Bytes, @splat(3));
                    const at = output + group * 16;
                    block.affine(lanes, two_bits, scales[group], offsets[group], at);
                }
            }
        }
    }
};
