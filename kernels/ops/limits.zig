//! What one core does at most at this CPU level, to hold other figures against: bytes read from
//! memory, f32 fused multiply-adds in registers, and a tile of 4-bit weights and 8-bit inputs that
//! never leaves the first-level cache. They compute nothing that anybody needs.
const std = @import("std");
const builtin = @import("builtin");
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const arithmetic = @import("multiply_add.zig");
const lanes = simd.lanes;
const V = simd.V;
const Sums = arithmetic.Sums;

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

const Bytes = @Vector(4 * lanes, u8);

/// Weights of `lanes` rows and 256 columns as nibbles: a lane holds four columns of a row, the low
/// nibbles of one vector those of group g and the high ones those of group g + 4.
const Tile = struct {
    const blocks = 8;
    const columns = 32 * blocks;
    const inputs = 8;

    weights: [blocks][4]Bytes,
    scales: [blocks]V,
    /// Four columns of an input each, and its scale of a block.
    quants: [inputs][blocks][8]i32,
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
    @setEvalBranchQuota(10_000);
    const low: Bytes = @splat(15);
    var groups: [8]Bytes = undefined;
    inline for (tile.weights[block], 0..) |both, g| {
        groups[g] = both & low;
        const words: @Vector(2 * lanes, u16) = @bitCast(both);
        groups[g + 4] = @as(Bytes, @bitCast(words >> @splat(4))) & low;
    }
    inline for (0..Tile.inputs) |i| {
        const dots = blockDots(&groups, &tile.quants[i][block]);
        const unit = tile.scales[block] * simd.splat(tile.units[i][block]);
        sums[i] = simd.mulAdd(V, @floatFromInt(dots), unit, sums[i]);
    }
}

extern fn @"llvm.x86.avx2.pmadd.ub.sw"(@Vector(32, u8), @Vector(32, i8)) @Vector(16, i16);
extern fn @"llvm.x86.avx512.vpdpbusd.512"(@Vector(16, i32), @Vector(16, i32), @Vector(16, i32)) @Vector(16, i32);

/// 32 columns of `lanes` rows with one input, by the instructions that do most at once.
inline fn blockDots(groups: *const [8]Bytes, quants: *const [8]i32) Sums {
    var sums: Sums = @splat(0);
    if (builtin.cpu.arch == .x86_64 and lanes == 16) {
        inline for (groups, 0..) |group, g| {
            const input: Sums = @splat(quants[g]);
            sums = @"llvm.x86.avx512.vpdpbusd.512"(sums, @bitCast(group), input);
        }
        return sums;
    }
    if (builtin.cpu.arch == .x86_64 and lanes == 8) {
        var words: @Vector(16, i16) = @splat(0);
        inline for (groups, 0..) |group, g| {
            const input: Sums = @splat(quants[g]);
            // 16 products of 15 x 127 at most: 16 bits hold them.
            words +%= @"llvm.x86.avx2.pmadd.ub.sw"(group, @bitCast(input));
        }
        return arithmetic.multiplyAdd(sums, words, @splat(1));
    }
    inline for (groups, 0..) |group, g| {
        const input: @Vector(4 * lanes, i8) = @bitCast(@as(Sums, @splat(quants[g])));
        inline for (.{ 0, 1 }) |half| {
            const weights: arithmetic.Words = everyOther(u8, group, half);
            sums = arithmetic.multiplyAdd(sums, weights, everyOther(i8, input, half));
        }
    }
    return sums;
}

/// The elements at even places, or the odd ones.
inline fn everyOther(comptime T: type, vector: @Vector(4 * lanes, T), comptime first: i32) @Vector(2 * lanes, T) {
    comptime var places: [2 * lanes]i32 = undefined;
    inline for (&places, 0..) |*place, i| place.* = 2 * i + first;
    return @shuffle(T, vector, undefined, places);
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

test "a block of the integer tile is the sum of its products" {
    var groups: [8]Bytes = undefined;
    var quants: [8]i32 = undefined;
    var random = std.Random.DefaultPrng.init(7);
    var wanted: [lanes]i32 = @splat(0);
    for (&groups, &quants) |*group, *quant| {
        var weights: [4 * lanes]u8 = undefined;
        var inputs: [4]i8 = undefined;
        for (&weights) |*weight| weight.* = random.random().uintAtMost(u8, 15);
        for (&inputs) |*input| input.* = random.random().intRangeAtMost(i8, -127, 127);
        for (&weights, 0..) |weight, i| wanted[i / 4] += @as(i32, weight) * inputs[i % 4];
        group.* = weights;
        quant.* = @bitCast(inputs);
    }
    try std.testing.expectEqual(wanted, blockDots(&groups, &quants));
}
