//! Q8_0: 32 elements of eight bits with a sign, one F16 scale.
const block = @import("block.zig");
const float16 = @import("float16.zig");

pub const Q8_0 = struct {
    pub const block_size = 32;
    pub const block_bytes = 34;

    pub fn dequantize(comptime lanes: usize, source: [*]const u8, count: usize, output: [*]f32) void {
        for (0..count / block_size) |i| {
            const bytes = source + i * block_bytes;
            const values = output + i * block_size;
            const scale = float16.readHalf(bytes);
            inline for (.{ 0, 16 }) |start| {
                const quants: @Vector(16, i8) = @bitCast(block.load(bytes + 2 + start));
                block.scaled(lanes, quants, scale, values + start);
            }
        }
    }
};
