//! Q4_K and Q5_K: 256 elements of four or five bits in eight groups of 32. A group's scale and
//! minimum are six bits each, in units of two F16 numbers of the block.
const std = @import("std");
const block = @import("block.zig");
const float16 = @import("float16.zig");

pub const Q4_K = struct {
    pub const block_size = 256;
    pub const block_bytes = 144;
    const quants_at = 16;

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
        const groups = Groups.read(bytes);
        inline for (0..8) |part| {
            const packed_pairs = block.load(bytes + quants_at + part * 16);
            const low = block.lowNibbles(packed_pairs);
            const high = block.highNibbles(packed_pairs);
            groups.write(lanes, part, low, high, output);
        }
    }
};

pub const Q5_K = struct {
    pub const block_size = 256;
    pub const block_bytes = 176;
    const fifth_bits_at = 16;
    const quants_at = 48;

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
        const groups = Groups.read(bytes);
        const fifth_bits = [2]block.Bytes{
            block.load(bytes + fifth_bits_at),
            block.load(bytes + fifth_bits_at + 16),
        };
        inline for (0..8) |part| {
            const packed_pairs = block.load(bytes + quants_at + part * 16);
            const bits = fifth_bits[part % 2];
            const group = part / 2 * 2;
            // Bit g of byte j belongs to element j of group g.
            const low = block.lowNibbles(packed_pairs) | sixteens(bits >> @splat(group));
            const high = block.highNibbles(packed_pairs) | sixteens(bits >> @splat(group + 1));
            groups.write(lanes, part, low, high, output);
        }
    }

    inline fn sixteens(bits: block.Bytes) block.Bytes {
        return (bits & @as(block.Bytes, @splat(1))) << @splat(4);
    }
};

/// The six-bit scales and minimums of the eight groups: bytes 4 to 15 of both formats.
pub const Numbers = struct {
    scales: @Vector(8, u8),
    minimums: @Vector(8, u8),

    pub inline fn read(bytes: [*]const u8) Numbers {
        // The first four scales and minimums are the low bits of bytes 0-3 and 4-7; the last four
        // have their low nibbles in bytes 8-11, their upper bits above those.
        const first: @Vector(4, u8) = bytes[4..8].*;
        const second: @Vector(4, u8) = bytes[8..12].*;
        const third: @Vector(4, u8) = bytes[12..16].*;
        const six: @Vector(4, u8) = @splat(0x3f);
        const upper: @Vector(4, u8) = @splat(0x30);
        const nibble: @Vector(4, u8) = @splat(0x0f);
        const last_scales = (third & nibble) | ((first >> @splat(2)) & upper);
        const last_minimums = (third >> @splat(4)) | ((second >> @splat(2)) & upper);
        return .{
            .scales = std.simd.join(first & six, last_scales),
            .minimums = std.simd.join(second & six, last_minimums),
        };
    }
};

/// The scales and negated minimums of the eight groups: the first 16 bytes of both formats.
const Groups = struct {
    scales: [8]f32,
    offsets: [8]f32,

    inline fn read(bytes: [*]const u8) Groups {
        const numbers = Numbers.read(bytes);
        const unit = float16.readHalf(bytes);
        const minimum_unit = float16.readHalf(bytes + 2);
        return .{
            .scales = block.multiples(8, numbers.scales, unit),
            .offsets = -block.multiples(8, numbers.minimums, minimum_unit),
        };
    }

    /// Sixteen bytes of quants, the `part`-th, belong to two neighbouring groups.
    inline fn write(
        groups: *const Groups,
        comptime lanes: usize,
        comptime part: usize,
        low: block.Bytes,
        high: block.Bytes,
        output: [*]f32,
    ) void {
        const group = part / 2 * 2;
        const at = output + group * 32 + part % 2 * 16;
        block.affine(lanes, low, groups.scales[group], groups.offsets[group], at);
        block.affine(lanes, high, groups.scales[group + 1], groups.offsets[group + 1], at + 32);
    }
};
