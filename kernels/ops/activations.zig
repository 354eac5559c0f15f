//! Inputs of the tile products as 16-bit integers: each 32 elements get one scale, and every product
//! that reads them shares the work. Sixteen bits are as good as f32 in a model's answers, eight are
//! not (bench/LOG.md); their products with weights of up to eight bits are summed exactly.
const std = @import("std");
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const Quantised = @import("../quantised.zig").Quantised;

const block = Quantised.block;
const largest = 32767;

/// Writes inputs [begin, end) of a product's.
pub fn run(job: *const table.Product, output: *const Quantised, begin: u32, end: u32) callconv(.c) void {
    for (begin..end) |token| {
        const input = job.input.? + token * job.input_stride;
        for (0..output.blocks) |b| {
            const quants = output.quants + token * output.stride + b * block;
            const at = token * output.blocks + b;
            const result = quantise(input[b * block ..][0..block], quants[0..block]);
            output.scales[at] = result.scale;
            output.offsets[at] = result.scale * @as(f32, @floatFromInt(result.sum));
        }
    }
}

const lanes = simd.lanes;
const Bits = @Vector(lanes, i32);

fn quantise(input: *const [block]f32, quants: *[block]i16) struct { scale: f32, sum: i32 } {
    const magnitude = largestMagnitude(input);
    // Not finite: so is every output. Too small to divide by: zero.
    const finite = magnitude <= std.math.floatMax(f32);
    const usable = finite and magnitude > 0x1p-100;
    const scale = if (usable) magnitude / largest else if (finite) 0 else std.math.nan(f32);
    const inverse: f32 = if (usable) largest / magnitude else 0;
    // The sum has its units in the last place of this constant: the addition rounds to nearest.
    const magic: f32 = 0x1.8p23;
    var sum: Bits = @splat(0);
    inline for (0..block / lanes) |i| {
        const x = simd.load(input[i * lanes ..]);
        const kept = if (usable) x * simd.splat(inverse) else simd.splat(0);
        const moved: Bits = @bitCast(kept + simd.splat(magic));
        const whole = moved - @as(Bits, @splat(@bitCast(magic)));
        sum += whole;
        const short: @Vector(lanes, i16) = @truncate(whole);
        quants[i * lanes ..][0..lanes].* = @shuffle(i16, short, undefined, pairs);
    }
    return .{ .scale = scale, .sum = @reduce(.Add, sum) };
}

/// Pair i = 2a + h is the elements 4a + h and 4a + h + 2, as in tiles.
const pairs = blk: {
    var order: [lanes]i32 = undefined;
    for (&order, 0..) |*from, i| from.* = i / 4 * 4 + i % 2 * 2 + i % 4 / 2;
    break :blk order;
};

/// NaN counts as larger than infinity, which counts as larger than any number: bits are compared.
fn largestMagnitude(input: *const [block]f32) f32 {
    var result: Bits = @splat(0);
    inline for (0..block / lanes) |i| {
        const bits: Bits = @bitCast(simd.load(input[i * lanes ..]));
        result = @max(result, bits & @as(Bits, @splat(0x7fff_ffff)));
    }
    return @bitCast(@reduce(.Max, result));
}

test "inputs are rounded to 32,767 steps of the block's largest, in pairs" {
    var input: [64]f32 = undefined;
    var memory: [256]u8 align(64) = undefined;
    for (&input, 0..) |*x, i| x.* = @floatFromInt(@as(i32, @intCast(i % 32)) * 1000 - 15000);
    input[7] = 32767;
    @memset(input[32..], 0);
    const output = Quantised.layOut(&memory, 64, 1);
    var job: table.Product = undefined;
    job.input = &input;
    job.input_stride = 64;
    run(&job, &output, 0, 1);
    const wanted = [8]i16{ -15000, -13000, -14000, -12000, -11000, -9000, -10000, 32767 };
    try std.testing.expectEqualSlices(i16, &wanted, output.quants[0..8]);
    try std.testing.expectEqualSlices(f32, &.{ 1, 0 }, output.scales[0..2]);
    try std.testing.expectEqual(@as(f32, 16000 + 32767 + 8000), output.offsets[0]);
    input[40] = -std.math.inf(f32);
    run(&job, &output, 0, 1);
    try std.testing.expect(std.math.isNan(output.scales[1]));
}
