//! The plain truth of every block format, one element at a time, that the kernels of quant/ are
//! tested against bit for bit. Slow on purpose: each function reads like the format's definition.
const std = @import("std");
const formats = @import("quant/formats.zig");
const Format = formats.Format;

/// Writes the f32 values of `count` elements of a row.
pub fn dequantize(format: Format, source: [*]const u8, count: usize, output: [*]f32) void {
    const size = formats.blockSize(format);
    for (0..count) |i| {
        output[i] = element(format, source + i / size * formats.blockBytes(format), i % size);
    }
}

/// Element `i` of one block.
fn element(format: Format, block: [*]const u8, i: usize) f32 {
    return switch (format) {
        .f32 => @bitCast(std.mem.readInt(u32, block[0..4], .little)),
        .f16 => half(block),
        .bf16 => @bitCast(@as(u32, std.mem.readInt(u16, block[0..2], .little)) << 16),
        .q4_0 => half(block) * float(nibble(block + 2, i), 8),
        .q4_1 => half(block) * float(nibble(block + 4, i), 0) + half(block + 2),
        .q5_0 => half(block) * float(fiveBits(block + 2, i), 16),
        .q5_1 => half(block) * float(fiveBits(block + 4, i), 0) + half(block + 2),
        .q8_0 => half(block) * signed(block[2 + i]),
        .q2_k => twoBits(block, i),
        .q3_k => threeBits(block, i),
        .q4_k => grouped(block, i, groupNibble(block + 16, i)),
        .q5_k => grouped(block, i, groupNibble(block + 48, i) + 16 * plane(block + 16, i, 1)),
        .q6_k => sixBits(block, i),
    };
}

fn half(at: [*]const u8) f32 {
    return @as(f16, @bitCast(std.mem.readInt(u16, at[0..2], .little)));
}

fn float(quant: u32, centre: i32) f32 {
    return @floatFromInt(@as(i32, @intCast(quant)) - centre);
}

fn signed(byte: u8) f32 {
    return @floatFromInt(@as(i8, @bitCast(byte)));
}

/// Blocks of 32: elements 0 to 15 are the low nibbles of 16 bytes, the others the high ones.
fn nibble(bytes: [*]const u8, i: usize) u32 {
    return if (i < 16) bytes[i] & 15 else bytes[i - 16] >> 4;
}

/// Four bytes of fifth bits, then the nibbles.
fn fiveBits(bytes: [*]const u8, i: usize) u32 {
    const fifth = (bytes[i / 8] >> @intCast(i % 8)) & 1;
    return nibble(bytes + 4, i) + 16 * @as(u32, fifth);
}

/// Blocks of 256: 32 bytes hold `width` bits each of elements i, i + 32, i + 64 … from the lowest
/// bits up; the next 32 bytes go on where the first ones are full.
fn plane(bytes: [*]const u8, i: usize, width: usize) u32 {
    const per_byte = 8 / width;
    const byte = bytes[i / (32 * per_byte) * 32 + i % 32];
    return (byte >> @intCast(i / 32 % per_byte * width)) & ((@as(u8, 1) << @intCast(width)) - 1);
}

/// Q4_K and Q5_K: 32 bytes hold a group of 32 in their low nibbles, the next one in the high.
fn groupNibble(bytes: [*]const u8, i: usize) u32 {
    return plane(bytes, i, 4);
}

fn twoBits(block: [*]const u8, i: usize) f32 {
    const scale = half(block + 80) * float(block[i / 16] & 15, 0);
    const minimum = half(block + 82) * float(block[i / 16] >> 4, 0);
    return scale * float(plane(block + 16, i, 2), 0) - minimum;
}

fn threeBits(block: [*]const u8, i: usize) f32 {
    const scales = block + 96;
    const group = i / 16;
    const low = (scales[group % 8] >> @intCast(group / 8 * 4)) & 15;
    const high = (scales[8 + group % 4] >> @intCast(group / 4 * 2)) & 3;
    const scale = half(block + 108) * float(low + 16 * @as(u32, high), 32);
    return scale * float(plane(block + 32, i, 2) + 4 * plane(block, i, 1), 4);
}

/// Q4_K and Q5_K: scale * quant - minimum, both of the element's group of 32.
fn grouped(block: [*]const u8, i: usize, quant: u32) f32 {
    const packed_bytes = block + 4;
    const group = i / 32;
    var scale: u8 = undefined;
    var minimum: u8 = undefined;
    if (group < 4) {
        scale = packed_bytes[group] & 63;
        minimum = packed_bytes[group + 4] & 63;
    } else {
        scale = (packed_bytes[group + 4] & 15) | (packed_bytes[group - 4] >> 6 << 4);
        minimum = (packed_bytes[group + 4] >> 4) | (packed_bytes[group] >> 6 << 4);
    }
    return half(block) * float(scale, 0) * float(quant, 0) - half(block + 2) * float(minimum, 0);
}

fn sixBits(block: [*]const u8, i: usize) f32 {
    const byte = block[i / 128 * 64 + i % 64];
    const low = if (i % 128 < 64) byte & 15 else byte >> 4;
    const scale = half(block + 208) * signed(block[192 + i / 16]);
    return scale * float(low + 16 * plane(block + 128, i, 2), 32);
}

test {
    _ = @import("quant/formats_test.zig");
}
