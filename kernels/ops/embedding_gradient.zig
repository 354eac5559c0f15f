//! The gradient of rows taken from a table: each is added to the row that it was taken from. One thread
//! has the same columns of all rows, so that a token met twice is summed in the order of the text.
const std = @import("std");
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const lanes = simd.lanes;

/// Columns [begin, end).
pub fn run(job: *const table.EmbeddingGradient, begin: u32, end: u32) callconv(.c) void {
    for (job.ids.?[0..job.count], 0..) |id, row| {
        const source = job.source.? + row * job.columns;
        const gradient = job.gradient.? + @as(usize, id) * job.columns;
        var i: usize = begin;
        while (i + lanes <= end) : (i += lanes) {
            simd.store(gradient + i, simd.load(gradient + i) + simd.load(source + i));
        }
        while (i < end) : (i += 1) gradient[i] += source[i];
    }
}

test "a token met twice gets both" {
    const columns = 2 * lanes + 3;
    var source: [3 * columns]f32 = undefined;
    for (&source, 0..) |*x, i| x.* = @floatFromInt(i);
    var gradient: [4 * columns]f32 = @splat(1);
    const ids = [_]u32{ 2, 0, 2 };
    run(&.{
        .source = &source,
        .ids = &ids,
        .gradient = &gradient,
        .count = ids.len,
        .rows = 4,
        .columns = columns,
        .reserved = 0,
    }, 1, columns);
    for (1..columns) |i| {
        try std.testing.expectEqual(source[columns + i] + 1, gradient[i]);
        try std.testing.expectEqual(1, gradient[columns + i]);
        try std.testing.expectEqual(source[i] + source[2 * columns + i] + 1, gradient[2 * columns + i]);
    }
    try std.testing.expectEqual(1, gradient[2 * columns]);
}
