//! Turns rows of blocks as a file has them into tiles of 16 interleaved rows (tiles.zig).
const std = @import("std");
const block = @import("block.zig");
const formats = @import("formats.zig");
const tiles = @import("tiles.zig");
const q4_k = @import("q4_k.zig");
const Format = formats.Format;

/// Tiles [begin, end) of a matrix of `row_count` rows. Reads exactly the rows' bytes, at any
/// alignment; writes tiles.sizeOf of them.
pub fn repack(
    format: Format,
    source: [*]const u8,
    row_count: usize,
    columns: usize,
    output: [*]u8,
    begin: usize,
    end: usize,
) void {
    @setEvalBranchQuota(20_000);
    inline for (tiles.formats) |known| if (known == format) {
        const shape = comptime tiles.shapeOf(known);
        const blocks = columns / shape.blockSize();
        const block_bytes = formats.blockBytes(known);
        for (begin..end) |tile| {
            const first = tile * tiles.rows;
            const present = @min(tiles.rows, row_count - first);
            const target = output + tile * blocks * shape.blockBytes();
            if (present < tiles.rows) @memset(target[0 .. blocks * shape.blockBytes()], 0);
            for (0..blocks) |b| {
                const out = target + b * shape.blockBytes();
                for (0..present) |row| {
                    const bytes = source + ((first + row) * blocks + b) * block_bytes;
                    putBlock(known, bytes, .{ .block = out, .row = row });
                }
            }
        }
    };
}

/// Where one row's share of a block goes.
const Place = struct {
    block: [*]u8,
    row: usize,

    inline fn half(place: Place, at: usize, value: [2]u8) void {
        place.block[at + 2 * place.row ..][0..2].* = value;
    }

    inline fn number(place: Place, at: usize, value: u8) void {
        place.block[at + place.row] = value;
    }

    /// Four bytes a word, one word after the other.
    inline fn words(place: Place, at: usize, comptime count: usize, bytes: [4 * count]u8) void {
        inline for (0..count) |i| {
            const lane = place.block + at + i * 4 * tiles.rows + 4 * place.row;
            lane[0..4].* = bytes[4 * i ..][0..4].*;
        }
    }
};

inline fn putBlock(comptime format: Format, bytes: [*]const u8, place: Place) void {
    const shape = comptime tiles.shapeOf(format);
    const quants = shape.scaleBytes();
    const upper = quants + shape.plainBytes();
    switch (format) {
        .q4_0 => {
            place.half(0, bytes[0..2].*);
            place.words(quants, 4, block.load(bytes + 2));
        },
        .q4_1 => {
            place.half(0, bytes[0..2].*);
            place.half(2 * tiles.rows, bytes[2..4].*);
            place.words(quants, 4, block.load(bytes + 4));
        },
        .q5_0 => {
            place.half(0, bytes[0..2].*);
            place.words(upper, 1, fifthBits(std.mem.readInt(u32, bytes[2..6], .little)));
            place.words(quants, 4, block.load(bytes + 6));
        },
        .q5_1 => {
            place.half(0, bytes[0..2].*);
            place.half(2 * tiles.rows, bytes[2..4].*);
            place.words(upper, 1, fifthBits(std.mem.readInt(u32, bytes[4..8], .little)));
            place.words(quants, 4, block.load(bytes + 8));
        },
        .q8_0 => {
            place.half(0, bytes[0..2].*);
            // Signed bytes become bytes around 128.
            place.words(quants, 8, @as(@Vector(32, u8), bytes[2..34].*) ^ @as(@Vector(32, u8), @splat(0x80)));
        },
        .q4_k => putGroups(shape, bytes, bytes + 16, null, place),
        .q5_k => putGroups(shape, bytes, bytes + 48, bytes + 16, place),
        .q6_k => putSixBits(bytes, place),
        else => unreachable,
    }
}

/// Q4_K and Q5_K: eight groups of 32, each with a scale and a minimum that is subtracted.
inline fn putGroups(
    comptime shape: tiles.Shape,
    bytes: [*]const u8,
    nibbles: [*]const u8,
    fifth: ?[*]const u8,
    place: Place,
) void {
    place.half(0, bytes[0..2].*);
    place.half(2 * tiles.rows, .{ bytes[2], bytes[3] ^ 0x80 });
    const numbers = q4_k.Numbers.read(bytes);
    inline for (0..8) |g| {
        const at = shape.headerBytes() + g * shape.groupBytes();
        place.number(at, numbers.scales[g]);
        place.number(at + tiles.rows, numbers.minimums[g]);
        const first = block.load(nibbles + g / 2 * 32);
        const second = block.load(nibbles + g / 2 * 32 + 16);
        place.words(at + shape.scaleBytes(), 4, pairUp(first, second, g % 2 == 1));
        if (fifth) |plane| {
            const bits: @Vector(32, u8) = plane[0..32].*;
            const chosen = (bits >> @splat(g)) & @as(@Vector(32, u8), @splat(1));
            const word: u32 = @bitCast(chosen == @as(@Vector(32, u8), @splat(1)));
            place.words(at + shape.scaleBytes() + shape.plainBytes(), 1, fifthBits(word));
        }
    }
}

/// The low or the high nibbles of both, those of `first` low.
inline fn pairUp(first: block.Bytes, second: block.Bytes, comptime high: bool) block.Bytes {
    if (high) return block.highNibbles(first) | (second & @as(block.Bytes, @splat(0xf0)));
    return block.lowNibbles(first) | (second << @splat(4));
}

/// Sixteen groups of 16, each with a signed scale.
fn putSixBits(bytes: [*]const u8, place: Place) void {
    @setEvalBranchQuota(20_000);
    const shape = comptime tiles.shapeOf(.q6_k);
    place.half(0, bytes[208..210].*);
    inline for (0..16) |g| {
        // As q6_k.zig says: halves of the block, then columns of 32 elements, low nibbles first.
        const half = g / 8;
        const column = g % 4 / 2;
        const high = g % 8 >= 4;
        const packed_pairs = block.load(bytes + half * 64 + column * 32 + g % 2 * 16);
        const quants = if (high) block.highNibbles(packed_pairs) else block.lowNibbles(packed_pairs);
        const upper = block.load(bytes + 128 + half * 32 + g % 2 * 16);
        const at = shape.headerBytes() + g * shape.groupBytes();
        place.number(at, bytes[192 + g]);
        const halves: [2]@Vector(8, u8) = @bitCast(quants);
        place.words(at + shape.scaleBytes(), 2, halves[0] | (halves[1] << @splat(4)));
        const shifted = upper >> @splat(2 * column + (if (high) 4 else 0));
        place.words(at + shape.scaleBytes() + shape.plainBytes(), 1, upperPairs(shifted));
    }
}

/// Bit i of byte j: the bit of element 4i + j.
inline fn fifthBits(elements: u32) [4]u8 {
    var result: [4]u8 = undefined;
    inline for (&result, 0..) |*byte, j| byte.* = everyFourth(elements >> j);
    return result;
}

/// Bits 0, 4, 8 … of a word, side by side.
inline fn everyFourth(word: u32) u8 {
    var x = word & 0x11111111;
    x = (x | x >> 3) & 0x03030303;
    x = (x | x >> 6) & 0x000f000f;
    return @truncate(x | x >> 12);
}

/// Bits 2i and 2i + 1 of byte j: the low two bits of element 4i + j.
inline fn upperPairs(values: block.Bytes) [4]u8 {
    const Quad = @Vector(4, u8);
    const quads: [4]Quad = @bitCast(values & @as(block.Bytes, @splat(3)));
    return quads[0] | quads[1] << @as(Quad, @splat(2)) | quads[2] << @as(Quad, @splat(4)) | quads[3] << @as(Quad, @splat(6));
}
