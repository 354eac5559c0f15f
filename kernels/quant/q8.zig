//! Q8_0: 32 elements of eight bits with a sign, one F16 scale. Quantised as in ggml, to the byte.
const block = @import("block.zig");
const float16 = @import("float16.zig");

pub const Q8_0 = struct {
    pub const block_size = 32;
    pub const block_bytes = 34;

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
            inline for (.{ 0, 16 }) |start| {
                const quants: @Vector(16, i8) = @bitCast(block.load(bytes + 2 + start));
                block.scaled(lanes, quants, scale, values + start);
            }
        }
    }

    /// The element farthest from zero becomes 127 or -127; ties round away from zero.
    pub fn quantize(source: [*]const f32, count: usize, output: [*]u8) void {
        for (0..count / block_size) |i| {
            const values = source[i * block_size ..][0..block_size];
            const bytes = output + i * block_bytes;
            var magnitude: f32 = 0;
            // Written so that a NaN is forgotten at the next element, as in ggml.
            for (values) |value| {
                magnitude = if (magnitude > @abs(value)) magnitude else @abs(value);
            }
            const scale = magnitude / 127;
            const inverse: f32 = if (scale != 0) 1 / scale else 0;
            float16.writeHalf(bytes, scale);
            inline for (.{ 0, 16 }) |start| {
                const scaled = @as(Floats, values[start..][0..16].*) * @as(Floats, @splat(inverse));
                const quants: @Vector(16, i8) = @truncate(roundAway(block.convertible(16, scaled)));
                bytes[2 + start ..][0..16].* = @as(block.Bytes, @bitCast(quants));
            }
        }
    }

    const Floats = @Vector(16, f32);
    const Integers = @Vector(16, i32);

    /// Nearest integers, halves away from zero, without the call that @round is before SSE4.1.
    inline fn roundAway(values: Floats) Integers {
        const whole: Integers = @trunc(values);
        const rest = values - @as(Floats, @floatFromInt(whole));
        const zero: Integers = @splat(0);
        const one: Integers = @splat(1);
        const up = @select(i32, rest >= @as(Floats, @splat(0.5)), one, zero);
        const down = @select(i32, rest <= @as(Floats, @splat(-0.5)), one, zero);
        return whole + up - down;
    }
};
