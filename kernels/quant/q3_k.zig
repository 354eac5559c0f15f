//! Q3_K: 256 elements of three bits in sixteen groups of 16, each with a six-bit scale around 32,
//! in units of one F16 number. The third bits are apart: a cleared one takes 4 off.
const block = @import("block.zig");
const float16 = @import("float16.zig");

pub const Q3_K = struct {
    pub const block_size = 256;
    pub const block_bytes = 110;
    const quants_at = 32;
    const scales_at = 96;
    const unit_at = 108;

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
        const unit = float16.readHalf(bytes + unit_at);
        const scales = block.multiples(16, unpackScales(bytes[scales_at..][0..12].*), unit);
        const Signed = @Vector(16, i8);
        inline for (0..2) |side| {
            const third_bits = block.load(bytes + side * 16);
            inline for (0..2) |half| {
                const quants = block.load(bytes + quants_at + half * 32 + side * 16);
                inline for (0..4) |pair| {
                    const group = half * 8 + pair * 2 + side;
                    const low = (quants >> @splat(2 * pair)) & @as(block.Bytes, @splat(3));
                    const shifted = third_bits >> @splat(half * 4 + pair);
                    const high = (shifted & @as(block.Bytes, @splat(1))) << @splat(2);
                    const signed = @as(Signed, @bitCast(low | high)) - @as(Signed, @splat(4));
                    block.scaled(lanes, signed, scales[group], output + group * 16);
                }
            }
        }
    }

    /// Sixteen scales from -32 to 31: the low four bits of k are nibble k / 8 of byte k mod 8, the
    /// high two are pair k / 4 of byte 8 + k mod 4.
    inline fn unpackScales(bytes: @Vector(12, u8)) @Vector(16, i8) {
        const low_order = [_]i32{ 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7 };
        const high_order = [_]i32{ 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11 };
        const low_shifts: @Vector(16, u3) = .{ 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 4, 4, 4 };
        const high_shifts: @Vector(16, u3) = .{ 0, 0, 0, 0, 2, 2, 2, 2, 4, 4, 4, 4, 6, 6, 6, 6 };
        const low = (@shuffle(u8, bytes, undefined, low_order) >> low_shifts) &
            @as(block.Bytes, @splat(0x0f));
        const high = (@shuffle(u8, bytes, undefined, high_order) >> high_shifts) &
            @as(block.Bytes, @splat(3));
        const joined: @Vector(16, i8) = @bitCast(low | (high << @splat(4)));
        return joined - @as(@Vector(16, i8), @splat(32));
    }
};
