//! A bias over rows, and its gradient: the sum of each column, over chunks of rows that depend on their
//! number alone.
const std = @import("std");
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const V = simd.V;
const lanes = simd.lanes;

/// Rows that are summed before the sum joins the others: a long sum keeps fewer of its last bits.
const chunk = 64;
/// Vectors of columns that are summed side by side.
const width = 4;

/// Adds the bias to rows [begin, end).
pub fn add(job: *const table.Bias, begin: u32, end: u32) callconv(.c) void {
    const n: usize = job.columns;
    const bias = job.bias.?;
    for (begin..end) |row| {
        const values = job.values.? + row * job.stride;
        var i: usize = 0;
        while (i + lanes <= n) : (i += lanes) simd.store(values + i, simd.load(values + i) + simd.load(bias + i));
        while (i < n) : (i += 1) values[i] += bias[i];
    }
}

/// Adds columns [begin, end), summed, to the bias.
pub fn gradient(job: *const table.Bias, begin: u32, end: u32) callconv(.c) void {
    var i: usize = begin;
    while (i + width * lanes <= end) : (i += width * lanes) columns(V, width, job, i);
    while (i + lanes <= end) : (i += lanes) columns(V, 1, job, i);
    while (i < end) : (i += 1) columns(@Vector(1, f32), 1, job, i);
}

inline fn columns(comptime T: type, comptime count: usize, job: *const table.Bias, first: usize) void {
    const size = @typeInfo(T).vector.len;
    const values = job.values.? + first;
    var totals: [count]T = @splat(@splat(0));
    var row: usize = 0;
    while (row < job.rows) {
        const last = @min(job.rows, row + chunk);
        var sums: [count]T = @splat(@splat(0));
        while (row < last) : (row += 1) {
            inline for (&sums, 0..) |*sum, j| sum.* += at(T, values + row * job.stride + j * size).*;
        }
        inline for (&totals, sums) |*total, sum| total.* += sum;
    }
    inline for (totals, 0..) |total, j| at(T, job.bias.? + first + j * size).* += total;
}

inline fn at(comptime T: type, p: [*]f32) *align(4) T {
    return @ptrCast(p);
}

test "columns of ones sum to the number of rows, and are added" {
    const rows, const n = .{ 3 * chunk + 5, 2 * width * lanes - 1 };
    var values: [rows * n]f32 = @splat(1);
    var bias: [n]f32 = @splat(2);
    const job: table.Bias = .{ .values = &values, .bias = &bias, .rows = rows, .columns = n, .stride = n, .reserved = 0 };
    gradient(&job, 0, n);
    for (bias) |x| try std.testing.expectEqual(rows + 2, x);
    add(&job, 1, rows);
    for (values[0..n]) |x| try std.testing.expectEqual(1, x);
    for (values[n..]) |x| try std.testing.expectEqual(rows + 3, x);
}
