//! Rows of one head, which lie a stride apart, copied to where a register tile reads them in order:
//! as they are, or turned in strips.
const std = @import("std");
const simd = @import("../simd.zig");
const V = simd.V;
const lanes = simd.lanes;

/// One head's rows.
pub const Rows = struct {
    start: [*]const f32,
    stride: usize,
    count: usize,
    /// Elements of a row.
    width: usize,
};

/// [count][dim], of which what a row does not have is 0.
pub fn copy(rows: Rows, dim: usize, output: [*]f32) void {
    for (0..rows.count) |row| {
        const target = output + row * dim;
        @memcpy(target[0..rows.width], (rows.start + row * rows.stride)[0..rows.width]);
        @memset(target[rows.width..dim], 0);
    }
}

/// [strips][dim][size]: `size` rows beside each other for each element; rows past the end are 0, elements past
/// the rows' are left as they are.
pub fn turn(comptime size: usize, rows: Rows, dim: usize, output: [*]f32) void {
    var first: usize = 0;
    while (first < rows.count) : (first += size) {
        comptime var beside = 0;
        inline while (beside < size) : (beside += lanes) {
            const target = output + first * dim + beside;
            turnSome(@min(lanes, size - beside), size, rows, first + beside, target);
        }
    }
}

/// `height` rows from `first` on, to columns `size` apart.
fn turnSome(comptime height: usize, comptime size: usize, rows: Rows, first: usize, target: [*]f32) void {
    const start = rows.start + first * rows.stride;
    const count = @min(height, rows.count -| first);
    const whole = rows.width / lanes * lanes;
    var d: usize = 0;
    while (d < whole) : (d += lanes) {
        var square: [lanes]V = @splat(simd.splat(0));
        for (square[0..count], 0..) |*line, r| line.* = simd.load(start + r * rows.stride + d);
        for (simd.transpose(square), d..) |column, at| {
            if (height == lanes) {
                simd.store(target + at * size, column);
            } else {
                const values: [lanes]f32 = column;
                target[at * size ..][0..height].* = values[0..height].*;
            }
        }
    }
    while (d < rows.width) : (d += 1) {
        for (0..height) |r| target[d * size + r] = if (r < count) start[r * rows.stride + d] else 0;
    }
}

test "rows turned in strips, whatever their number and width" {
    const stride = 2 * lanes + 7;
    inline for (.{ 3, lanes, 2 * lanes }) |size| {
        for ([_]usize{ 1, size, 2 * size + 1 }) |count| {
            for ([_]usize{ 1, lanes, 2 * lanes + 3 }) |width| {
                var source: [(4 * lanes + 1) * stride + 10 * stride]f32 = undefined;
                for (&source, 0..) |*x, i| x.* = @floatFromInt(i);
                var turned: [(2 * size + 1 + size) * stride]f32 = undefined;
                const rows: Rows = .{ .start = &source, .stride = stride, .count = count, .width = width };
                turn(size, rows, stride, &turned);
                for (0..(count + size - 1) / size * size) |row| {
                    for (0..width) |d| {
                        const wanted: f32 = if (row < count) @floatFromInt(row * stride + d) else 0;
                        try std.testing.expectEqual(wanted, turned[row / size * size * stride + d * size + row % size]);
                    }
                }
            }
        }
    }
}
