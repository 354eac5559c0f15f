//! Dropout whose mask is a hash of where an element stands: nothing is stored, and the backward pass and
//! any cut into threads find the same mask.
const std = @import("std");
const simd = @import("../simd.zig");
const table = @import("../training_table.zig");
const lanes = simd.lanes;

fn Bits(comptime n: usize) type {
    return @Vector(n, u32);
}

/// Rows [begin, end).
pub fn run(job: *const table.Dropout, begin: u32, end: u32) callconv(.c) void {
    const n: usize = job.columns;
    const least: u32 = @intFromFloat(@as(f64, job.rate) * (1 << 32));
    const factor = 1 / (1 - job.rate);
    for (begin..end) |row| {
        const input = job.input.? + row * n;
        const output = job.output.? + row * n;
        const key = mix(mix(job.seed) +% row);
        var i: usize = 0;
        while (i + lanes <= n) : (i += lanes) one(lanes, input + i, output + i, key, i, least, factor);
        while (i < n) : (i += 1) one(1, input + i, output + i, key, i, least, factor);
    }
}

inline fn one(comptime n: usize, input: [*]const f32, output: [*]f32, key: u64, column: usize, least: u32, factor: f32) void {
    const columns = @as(Bits(n), @splat(@truncate(column))) +% std.simd.iota(u32, n);
    const kept = hash(n, columns, key) >= @as(Bits(n), @splat(least));
    const x: @Vector(n, f32) = input[0..n].*;
    output[0..n].* = @select(f32, kept, x * @as(@Vector(n, f32), @splat(factor)), @as(@Vector(n, f32), @splat(0)));
}

/// Two rounds of multiplication and shift, a half of the row's key before each: rows with nearby
/// keys have nothing in common.
inline fn hash(comptime n: usize, columns: Bits(n), key: u64) Bits(n) {
    const low: u32 = @truncate(key);
    const high: u32 = @truncate(key >> 32);
    var h = columns *% @as(Bits(n), @splat(0x9e3779b1)) +% @as(Bits(n), @splat(low));
    h = (h ^ (h >> @splat(16))) *% @as(Bits(n), @splat(0x7feb352d));
    h = (h ^ (h >> @splat(15)) ^ @as(Bits(n), @splat(high))) *% @as(Bits(n), @splat(0x846ca68b));
    return h ^ (h >> @splat(16));
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
fn mix(seed: u64) u64 {
    var x = seed +% 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) *% 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) *% 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

test "drops its share of each row, the same elements whatever the width of a vector" {
    const columns = 4 * lanes + 3;
    const rows = 200;
    const ones: [rows * columns]f32 = @splat(1);
    var output: [rows * columns]f32 = undefined;
    const job: table.Dropout = .{ .input = &ones, .output = &output, .seed = 5, .rows = rows, .columns = columns, .rate = 0.25, .reserved = 0 };
    run(&job, 0, rows);
    var dropped: usize = 0;
    for (output, 0..) |x, i| {
        try std.testing.expect(x == 0 or x == @as(f32, 1) / 0.75);
        if (x == 0) dropped += 1;
        const key = mix(mix(5) +% i / columns);
        const scalar = hash(1, @splat(@intCast(i % columns)), key)[0] >= 1 << 30;
        try std.testing.expectEqual(scalar, x != 0);
    }
    const share = @as(f64, @floatFromInt(dropped)) / output.len;
    // Four standard deviations.
    const spread = @sqrt(0.25 * 0.75 / @as(f64, output.len));
    try std.testing.expect(@abs(share - 0.25) < 4 * spread);
}
