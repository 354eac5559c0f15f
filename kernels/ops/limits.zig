//! What one core does at most at this CPU level, to hold other figures against: bytes read from
//! memory, f32 fused multiply-adds in registers, and a tile of 4-bit weights and 8-bit inputs that
//! never leaves the first-level cache. They compute nothing that anybody needs.
const std = @import("std");
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const quads = @import("quad_products.zig");
const lanes = simd.lanes;
const V = simd.V;

/// Vectors of sums: enough to hide the latency of a multiply-add with two units.
const chains = 10;

/// Does `count` units of work, in `memory` where it is about that; table.Limit says what a unit is.
pub fn run(kind: u32, memory: [*]u8, count: usize) callconv(.c) f32 {
    return switch (@as(table.Limit, @enumFromInt(kind))) {
        .write => write(@ptrCast(@alignCast(memory)), count),
        .read => read(@ptrCast(@alignCast(memory)), count),
        .multiply_add => multiplyAdd(count),
        .integer_tile => integerTile(count),
    };
}

fn write(output: [*]f32, bytes: usize) f32 {
    @memset(output[0 .. bytes / @sizeOf(f32)], 1);
    return 0;
}

fn read(source: [*]const f32, bytes: usize) f32 {
    var sums: [8]V = @splat(simd.splat(0));
    const floats = bytes / @sizeOf(f32);
    var at: usize = 0;
    while (at + sums.len * lanes <= floats) : (at += sums.len * lanes) {
        inline for (&sums, 0..) |*sum, i| sum.* += simd.load(source + at + i * lanes);
    }
    return total(&sums);
}

fn multiplyAdd(rounds: usize) f32 {
    var sums: [chains]V = @splat(simd.splat(1));
    var factor = simd.splat(0.999999);
    var term = simd.splat(1e-7);
    // Else the compiler knows what comes out.
    std.mem.doNotOptimizeAway(&factor);
    std.mem.doNotOptimizeAway(&term);
    const f = factor;
    const t = term;
    for (0..rounds) |_| {
        inline for (&sums) |*sum| sum.* = simd.mulAdd(V, sum.*, f, t);
    }
    return total(&sums);
}

fn total(sums: []const V) f32 {
    var result: f32 = 0;
    for (sums) |sum| result += simd.sumLanes(sum);
    return result;
}

pub fn operations(kind: u32) callconv(.c) u32 {
    return switch (@as(table.Limit, @enumFromInt(kind))) {
        .write, .read => 1,
        .multiply_add => 2 * lanes * chains,
        .integer_tile => 2 * lanes * Tile.columns * Tile.inputs,
    };
}

const Kind = quads.Quads(4);

/// Weights of `lanes` rows and 256 columns as nibbles: a lane holds four columns of a row, the low
/// nibbles of one vector those of group g and the high ones those of group g + 4.
const Tile = struct {
    const blocks = 8;
    const columns = 32 * blocks;
    const inputs = 8;

    weights: [blocks][4]quads.Bytes,
    scales: [blocks]V,
    /// An input's columns, and its scale of a block.
    quants: [inputs][blocks][32]i8,
    units: [inputs][blocks]f32,
};

fn integerTile(rounds: usize) f32 {
    var tile: Tile = undefined;
    for (std.mem.asBytes(&tile), 0..) |*byte, i| byte.* = @truncate(i * 7);
    // Bytes at random would be tiny numbers too, which some CPUs are slow with.
    tile.scales = @splat(simd.splat(0.01));
    tile.units = @splat(@splat(0.02));
    std.mem.doNotOptimizeAway(&tile);
    var sums: [Tile.inputs]V = @splat(simd.splat(0));
    for (0..rounds) |_| {
        for (0..Tile.blocks) |block| addBlock(&tile, block, &sums);
    }
    return total(&sums);
}

inline fn addBlock(tile: *const Tile, block: usize, sums: *[Tile.inputs]V) void {
    var groups: [8][1]Kind.Weights = undefined;
    inline for (tile.weights[block], 0..) |both, g| {
        groups[g][0] = Kind.from(both & @as(quads.Bytes, @splat(15)));
        groups[g + 4][0] = Kind.from(both >> @splat(4));
    }
    inline for (0..Tile.inputs) |i| {
        const dots = Kind.dot(1, 8, &groups, &tile.quants[i][block], 0);
        const unit = tile.scales[block] * simd.splat(tile.units[i][block]);
        sums[i] = simd.mulAdd(V, @floatFromInt(dots[0]), unit, sums[i]);
    }
}

test "the probes write and read all that they are given and stay finite" {
    var values: [8192]f32 align(64) = @splat(0);
    const memory: [*]u8 = @ptrCast(&values);
    _ = run(@intFromEnum(table.Limit.write), memory, @sizeOf(@TypeOf(values)));
    try std.testing.expectEqual(8192, run(@intFromEnum(table.Limit.read), memory, @sizeOf(@TypeOf(values))));
    for ([_]table.Limit{ .multiply_add, .integer_tile }) |kind| {
        try std.testing.expect(std.math.isFinite(run(@intFromEnum(kind), memory, 100)));
        try std.testing.expect(operations(@intFromEnum(kind)) > 0);
    }
}
