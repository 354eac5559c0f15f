//! Inputs of the tile products as integers, which every product that reads them shares. Eight bits
//! a block of 32 alone would move a model's answers more than its own rounding does (bench/LOG.md); so a
//! block whose largest element stands out of its input keeps seven bits more: those make the noise.
const std = @import("std");
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const tiles = @import("../quant/tiles.zig");
const Quantised = @import("../quantised.zig").Quantised;

const Format = @import("../quant/formats.zig").Format;

const block = Quantised.block;
const steps = Quantised.steps;
const largest = 127;

/// Inputs that are written side by side: those of one alone lie a page or so apart, from block to block.
const together = 4;

/// Writes inputs [begin, end) of a product's.
pub fn run(job: *const table.Product, output: *const Quantised, begin: u32, end: u32) callconv(.c) void {
    const sums = tiles.sumsOf(@enumFromInt(job.format));
    var first: usize = begin;
    while (first < end) : (first += together) {
        const count = @min(together, end - first);
        var bounds: [together]f32 = undefined;
        for (bounds[0..count], first..) |*bound, token| {
            const input = job.input.? + token * job.input_stride;
            bound.* = job.coarse_below * rootMeanSquare(input, job.columns);
        }
        // Threads side by side would write to the same cache lines if all began with the first block.
        const shift = output.blocks * first / output.inputs;
        for (0..output.blocks) |i| {
            const b = (i + shift) % output.blocks;
            for (bounds[0..count], first..) |bound, token| writeBlock(job, output, sums, token, b, bound);
        }
    }
}

inline fn writeBlock(
    job: *const table.Product,
    output: *const Quantised,
    sums: tiles.Sums,
    token: usize,
    b: usize,
    bound: f32,
) void {
    const elements = job.input.?[token * job.input_stride + b * block ..][0..block];
    const magnitude = largestMagnitude(elements);
    const place = b * output.inputs + token;
    const refined = job.coarse_below == 0 or magnitude > bound;
    output.refined[b * output.flags + token] = @intFromBool(refined);
    if (refined) put(true, elements, magnitude, output, sums, place) else put(false, elements, magnitude, output, sums, place);
}

const lanes = simd.lanes;
const Whole = @Vector(lanes, i32);
const Short = @Vector(lanes, i8);

inline fn put(
    comptime refined: bool,
    input: *const [block]f32,
    magnitude: f32,
    output: *const Quantised,
    sums: tiles.Sums,
    place: usize,
) void {
    const range = if (refined) largest * steps else largest;
    // Not finite: so is every output. Too small to divide by: zero.
    const finite = magnitude <= std.math.floatMax(f32);
    const usable = finite and magnitude > 0x1p-100;
    const scale = if (usable) magnitude / largest else if (finite) 0 else std.math.nan(f32);
    const inverse: f32 = if (usable) range / magnitude else 0;
    const coarse = output.coarse + place * block;
    const fine = output.fine + place * block;
    // Of each half of the block.
    var coarse_sums: [2]i32 = undefined;
    var fine_sums: [2]i32 = undefined;
    inline for (0..2) |half| {
        var coarse_sum: Whole = @splat(0);
        var fine_sum: Whole = @splat(0);
        inline for (0..block / 2 / lanes) |i| {
            const at = half * block / 2 + i * lanes;
            const x = simd.load(input[at..]);
            const whole = rounded(if (usable) x * simd.splat(inverse) else simd.splat(0));
            const upper = if (refined) (whole + splat(steps / 2)) >> @splat(7) else whole;
            const lower = whole - (upper << @splat(7));
            coarse[at..][0..lanes].* = @as(Short, @truncate(upper));
            coarse_sum += upper;
            if (refined) fine[at..][0..lanes].* = @as(Short, @truncate(lower));
            if (refined) fine_sum += lower;
        }
        coarse_sums[half] = @reduce(.Add, coarse_sum);
        fine_sums[half] = @reduce(.Add, fine_sum);
    }
    const all = (coarse_sums[0] + coarse_sums[1]) * steps + fine_sums[0] + fine_sums[1];
    output.scales[place] = scale;
    output.offsets[place] = scale / steps * @as(f32, @floatFromInt(all));
    start(output.coarse_starts, place, sums, coarse_sums);
    if (refined) start(output.fine_starts, place, sums, fine_sums);
}

/// What sums of products with the block begin with.
inline fn start(starts: [*]i32, place: usize, sums: tiles.Sums, halves: [2]i32) void {
    if (sums.group == block) {
        starts[place] = -sums.middle * (halves[0] + halves[1]);
    } else for (halves, 0..) |half, i| {
        starts[2 * place + i] = -sums.middle * half;
    }
}

inline fn splat(x: i32) Whole {
    return @splat(x);
}

/// To nearest; the sum has its units in the last place of the constant.
inline fn rounded(x: simd.V) Whole {
    const magic: f32 = 0x1.8p23;
    const moved: Whole = @bitCast(x + simd.splat(magic));
    return moved - splat(@bitCast(magic));
}

fn rootMeanSquare(input: [*]const f32, columns: usize) f32 {
    var sums: simd.V = simd.splat(0);
    var k: usize = 0;
    while (k < columns) : (k += lanes) {
        const x = simd.load(input + k);
        sums = simd.mulAdd(simd.V, x, x, sums);
    }
    return @sqrt(simd.sumLanes(sums) / @as(f32, @floatFromInt(columns)));
}

/// NaN counts as larger than infinity, which counts as larger than any number: bits are compared.
fn largestMagnitude(input: *const [block]f32) f32 {
    var result: Whole = @splat(0);
    inline for (0..block / lanes) |i| {
        const bits: Whole = @bitCast(simd.load(input[i * lanes ..]));
        result = @max(result, bits & splat(0x7fff_ffff));
    }
    return @bitCast(@reduce(.Max, result));
}

const Case = struct {
    memory: [4096]u8 align(64) = undefined,
    job: table.Product = undefined,

    fn quantise(case: *Case, format: Format, input: []const f32, coarse_below: f32) Quantised {
        const output = Quantised.layOut(&case.memory, input.len, 1);
        case.job.format = @intFromEnum(format);
        case.job.input = input.ptr;
        case.job.input_stride = @intCast(input.len);
        case.job.columns = @intCast(input.len);
        case.job.coarse_below = coarse_below;
        run(&case.job, &output, 0, 1);
        return output;
    }
};

test "blocks that stand out keep 16,256 steps of their largest element, others 127" {
    var case: Case = .{};
    var input: [64]f32 = undefined;
    for (input[0..32], 0..) |*x, i| x.* = @floatFromInt(@as(i32, @intCast(i)) * 1000 - 15000);
    input[7] = 16256;
    for (input[32..], 0..) |*x, i| x.* = @floatFromInt(i);
    input[63] = -127;
    const output = case.quantise(.q4_0, &input, 1);
    try std.testing.expectEqualSlices(u8, &.{ 1, 0 }, &.{ output.refined[0], output.refined[output.flags] });
    try std.testing.expectEqualSlices(f32, &.{ 128, 1 }, output.scales[0..2]);
    for (input, 0..) |x, i| {
        const fine: f32 = if (i < 32) @floatFromInt(output.fine[i]) else 0;
        const coarse: f32 = @floatFromInt(output.coarse[i]);
        try std.testing.expectEqual(x, output.scales[i / 32] * (coarse + fine / 128));
    }
    try std.testing.expectEqualSlices(f32, &.{ 16000 + 16256 + 8000, 15 * 31 - 127 }, output.offsets[0..2]);
    try std.testing.expectEqual(-8 * (15 * 31 - 127), output.coarse_starts[1]);
    var sum: i32 = 0;
    for (output.fine[0..32]) |x| sum += x;
    try std.testing.expectEqual(-8 * sum, output.fine_starts[0]);
    const by_halves = case.quantise(.q6_k, &input, 1);
    try std.testing.expectEqualSlices(i32, &.{ -32 * 120, -32 * (15 * 31 - 127 - 120) }, by_halves.coarse_starts[2..4]);
}

test "what is not a number makes its block's scale none, zeros a scale of zero" {
    var case: Case = .{};
    var input: [64]f32 = @splat(0);
    try std.testing.expectEqualSlices(f32, &.{ 0, 0 }, case.quantise(.q4_0, &input, 0).scales[0..2]);
    input[40] = -std.math.inf(f32);
    const output = case.quantise(.q4_0, &input, 3);
    try std.testing.expectEqual(0, output.scales[0]);
    try std.testing.expect(std.math.isNan(output.scales[1]));
}
