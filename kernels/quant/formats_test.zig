//! Every dequantiser against the scalar truth, bit for bit, and the conversions of half floats over
//! all their values. Run through reference_quant.zig, which lies above this folder.
const std = @import("std");
const builtin = @import("builtin");
const formats = @import("formats.zig");
const float16 = @import("float16.zig");
const reference = @import("../reference_quant.zig");
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;

const every_format = std.enums.values(formats.Format);
const blocks_max = 5;

/// Bits with every NaN made one, as its sign and payload are the CPU's own affair.
fn comparable(value: f32) u32 {
    return if (std.math.isNan(value)) 0x7fc0_0000 else @bitCast(value);
}

fn compareRow(
    comptime lanes: usize,
    format: formats.Format,
    source: []const u8,
    count: usize,
) !void {
    var expected: [blocks_max * 256]f32 = undefined;
    var actual: [blocks_max * 256 + 1]f32 = undefined;
    actual[count] = 12345;
    reference.dequantize(format, source.ptr, count, &expected);
    formats.dequantizeRow(lanes, format, source.ptr, count, &actual);
    for (expected[0..count], actual[0..count]) |e, a| try expectEqual(comparable(e), comparable(a));
    try expectEqual(12345, actual[count]);
}

/// A buffer whose last byte is followed by memory that may not be read.
const Guarded = struct {
    pages: []align(page_size) u8,

    const page_size = std.heap.page_size_max;

    fn init() !Guarded {
        const allocator = std.testing.allocator;
        const pages = try allocator.alignedAlloc(u8, .fromByteUnits(page_size), 2 * page_size);
        const guarded = Guarded{ .pages = pages };
        try expectEqual(0, std.c.mprotect(guarded.upper(), page_size, .{}));
        return guarded;
    }

    fn deinit(guarded: Guarded) void {
        const writable: std.c.PROT = .{ .READ = true, .WRITE = true };
        if (std.c.mprotect(guarded.upper(), page_size, writable) != 0) unreachable;
        std.testing.allocator.free(guarded.pages);
    }

    fn upper(guarded: Guarded) *align(page_size) anyopaque {
        return @ptrCast(@alignCast(guarded.pages.ptr + page_size));
    }

    fn last(guarded: Guarded, count: usize) []u8 {
        return guarded.pages[page_size - count ..][0..count];
    }
};

test "dequantise any bytes to the bits of the reference, reading nothing beyond the row" {
    const guarded = try Guarded.init();
    defer guarded.deinit();
    var random = std.Random.DefaultPrng.init(20261121);
    inline for (.{ 4, 8, 16 }) |lanes| {
        for (every_format) |format| {
            const size = formats.blockSize(format);
            for (0..40) |round| {
                // Formats without blocks: rows that are no multiple of the lanes.
                const count = if (size == 1) round + 1 else (round % blocks_max + 1) * size;
                const source = guarded.last(count / size * formats.blockBytes(format));
                random.random().bytes(source);
                try compareRow(lanes, format, source, count);
            }
        }
    }
}

test "scales that are infinite, NaN, subnormal, zero or negative zero" {
    const scales = [_]u16{ 0x7c00, 0xfc00, 0x7e01, 0x0001, 0x83ff, 0x0000, 0x8000, 0x7bff, 0x0400 };
    const at = .{
        .{ formats.Format.q4_0, 0, 0 },     .{ formats.Format.q4_1, 0, 2 },
        .{ formats.Format.q5_0, 0, 0 },     .{ formats.Format.q5_1, 0, 2 },
        .{ formats.Format.q8_0, 0, 0 },     .{ formats.Format.q2_k, 80, 82 },
        .{ formats.Format.q3_k, 108, 108 }, .{ formats.Format.q4_k, 0, 2 },
        .{ formats.Format.q5_k, 0, 2 },     .{ formats.Format.q6_k, 208, 208 },
    };
    var random = std.Random.DefaultPrng.init(3);
    var source: [256]u8 = undefined;
    inline for (at) |where| {
        for (scales) |first| for (scales) |second| {
            random.random().bytes(&source);
            std.mem.writeInt(u16, source[where[1]..][0..2], first, .little);
            std.mem.writeInt(u16, source[where[2]..][0..2], second, .little);
            inline for (.{ 4, 8, 16 }) |lanes| {
                try compareRow(lanes, where[0], &source, formats.blockSize(where[0]));
            }
        };
    }
}

test "all 65,536 halves widen exactly, by instruction and by bits, and come back" {
    for (0..65536) |pattern| {
        const bits: u16 = @intCast(pattern);
        const expected: f32 = @as(f16, @bitCast(bits));
        const soft = float16.halfToFloatByBits(1, .{bits})[0];
        const chosen = float16.halfToFloat(1, .{bits})[0];
        try expectEqual(comparable(expected), comparable(soft));
        try expectEqual(comparable(expected), comparable(chosen));
        const back = float16.floatToHalf(1, .{expected})[0];
        const quiet: u16 = (bits & 0x8000) | 0x7e00;
        try expectEqual(if (std.math.isNan(expected)) quiet else bits, back);
    }
}

test "floats round to the nearest half, ties to even, also between subnormals and to infinity" {
    var random = std.Random.DefaultPrng.init(5);
    for (0..200_000) |i| {
        var bits = random.random().int(u32);
        // Half of them near the midpoints of halves, in the range where those are finite.
        if (i % 2 == 0) bits = (bits & 0x8fff_e003) + 0x3000_0ffe;
        const value: f32 = @bitCast(bits);
        if (std.math.isNan(value)) continue;
        const expected: u16 = @bitCast(@as(f16, @floatCast(value)));
        try expectEqual(expected, float16.floatToHalf(1, .{value})[0]);
    }
}

test "known ids are the table's, and nothing else" {
    var known: usize = 0;
    for (0..1000) |id| known += @intFromBool(formats.isKnown(@intCast(id)));
    try expectEqual(every_format.len, known);
    for (every_format) |format| try expect(formats.isKnown(@intFromEnum(format)));
}

test "what is quantised comes back within its step, and nothing beyond the row is written" {
    // Half a step of the largest magnitude of the row, with some room for the rounded scale.
    const bounds = .{
        .{ formats.Format.f32, 0.0 },
        .{ formats.Format.f16, 0.0005 },
        .{ formats.Format.bf16, 0.004 },
        .{ formats.Format.q8_0, 0.005 },
        .{ formats.Format.q6_k, 0.04 },
        .{ formats.Format.q4_0, 0.13 },
        .{ formats.Format.q4_1, 0.07 },
    };
    var random = std.Random.DefaultPrng.init(9);
    var values: [512]f32 = undefined;
    var back: [512]f32 = undefined;
    var output: [512 * 4 + 1]u8 = undefined;
    inline for (bounds) |case| {
        const format = case[0];
        try expect(formats.canQuantize(format));
        for (&values) |*value| value.* = random.random().float(f32) * 2 - 1;
        const bytes = 512 / formats.blockSize(format) * formats.blockBytes(format);
        output[bytes] = 0xa5;
        formats.quantizeRow(format, &values, 512, &output);
        try expectEqual(0xa5, output[bytes]);
        formats.dequantizeRow(8, format, &output, 512, &back);
        for (values, back) |value, result| try expect(@abs(value - result) <= case[1]);
    }
    try expect(!formats.canQuantize(.q2_k));
}
