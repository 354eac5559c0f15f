//! Gradients of RMSNorm and LayerNorm. With x^ the normalised input and g = gradient * weight:
//! dx = (g - mean(g) - x^ mean(g x^)) / deviation, where RMSNorm has no mean(g); dweight = sum over
//! rows of gradient * x^, dbias of gradient. Sums over rows are cut into chunks of a fixed size.
const std = @import("std");
const simd = @import("../simd.zig");
const norm = @import("norm.zig");
const table = @import("../training_table.zig");
const NormParts = @import("../norm_parts.zig").NormParts;
const Job = table.NormBackward;
const lanes = simd.lanes;
const V = simd.V;
/// The ends of rows.
const One = @Vector(1, f32);

/// Chunks [begin, end) of rows.
pub fn run(job: *const Job, parts: *const NormParts, begin: u32, end: u32) callconv(.c) void {
    const columns: usize = job.columns;
    const sums = job.weight_gradient != null or job.bias_gradient != null;
    for (begin..end) |chunk| {
        const place = parts.sums + chunk * 2 * columns;
        if (sums) @memset(place[0 .. 2 * columns], 0);
        const first = chunk * parts.rows;
        for (first..@min(job.rows, first + parts.rows)) |row| {
            const one = Row.of(job, row);
            if (sums) one.addTo(place, columns);
            if (job.input_gradient) |output| {
                if (job.accumulate == 0) one.write(false, job, output + row * columns) else one.write(true, job, output + row * columns);
            }
        }
    }
}

/// Columns [begin, end) of the gradients of weight and bias.
pub fn join(job: *const Job, parts: *const NormParts, begin: u32, end: u32) callconv(.c) void {
    const columns: usize = job.columns;
    for ([_]?[*]f32{ job.weight_gradient, job.bias_gradient }, 0..) |gradient, which| {
        const output = gradient orelse continue;
        var i: usize = begin;
        while (i < end) {
            if (i + lanes <= end) {
                addParts(V, parts, columns, output, which * columns, i);
                i += lanes;
            } else {
                addParts(One, parts, columns, output, which * columns, i);
                i += 1;
            }
        }
    }
}

inline fn addParts(comptime T: type, parts: *const NormParts, columns: usize, output: [*]f32, from: usize, i: usize) void {
    var sum: T = at(T, parts.sums, from + i);
    for (1..parts.chunks) |chunk| sum += at(T, parts.sums, chunk * 2 * columns + from + i);
    put(T, output, i, at(T, output, i) + sum);
}

/// One row and its statistics.
const Row = struct {
    x: [*]const f32,
    gradient: [*]const f32,
    /// 0 in RMSNorm.
    mean: f32,
    /// 1 / deviation.
    factor: f32,

    fn of(job: *const Job, row: usize) Row {
        const n: usize = job.columns;
        const x = job.input.? + row * n;
        const statistics = if (job.layered != 0) norm.layered(x, n, job.epsilon) else norm.rootMeanSquare(x, n, job.epsilon);
        return .{ .x = x, .gradient = job.output_gradient.? + row * n, .mean = statistics.mean, .factor = statistics.factor };
    }

    inline fn normalised(self: Row, comptime T: type, i: usize) T {
        return (at(T, self.x, i) - @as(T, @splat(self.mean))) * @as(T, @splat(self.factor));
    }

    fn addTo(self: Row, sums: [*]f32, n: usize) void {
        var i: usize = 0;
        while (i + lanes <= n) : (i += lanes) self.addAt(V, sums, n, i);
        while (i < n) : (i += 1) self.addAt(One, sums, n, i);
    }

    inline fn addAt(self: Row, comptime T: type, sums: [*]f32, n: usize, i: usize) void {
        const gradient = at(T, self.gradient, i);
        put(T, sums, i, simd.mulAdd(T, gradient, self.normalised(T, i), at(T, sums, i)));
        put(T, sums, n + i, at(T, sums, n + i) + gradient);
    }

    /// dx; reads an element of the gradient before it writes there.
    fn write(self: Row, comptime accumulate: bool, job: *const Job, output: [*]f32) void {
        const n: usize = job.columns;
        const weight = job.weight.?;
        const size: f32 = @floatFromInt(n);
        const sums = self.products(weight, n);
        const plain = if (job.layered != 0) sums[0] / size else 0;
        const along = sums[1] / size;
        var i: usize = 0;
        while (i + lanes <= n) : (i += lanes) self.writeAt(V, accumulate, weight, output, plain, along, i);
        while (i < n) : (i += 1) self.writeAt(One, accumulate, weight, output, plain, along, i);
    }

    inline fn writeAt(
        self: Row,
        comptime T: type,
        comptime accumulate: bool,
        weight: [*]const f32,
        output: [*]f32,
        plain: f32,
        along: f32,
        i: usize,
    ) void {
        const g = at(T, self.gradient, i) * at(T, weight, i) - @as(T, @splat(plain));
        const dx = simd.mulAdd(T, self.normalised(T, i), @splat(-along), g) * @as(T, @splat(self.factor));
        put(T, output, i, if (accumulate) at(T, output, i) + dx else dx);
    }

    /// Sums of g and of g x^.
    fn products(self: Row, weight: [*]const f32, n: usize) [2]f32 {
        var plain: [2]V = @splat(simd.splat(0));
        var along: [2]V = @splat(simd.splat(0));
        var i: usize = 0;
        while (i + 2 * lanes <= n) : (i += 2 * lanes) {
            inline for (0..2) |j| {
                const place = i + j * lanes;
                const g = at(V, self.gradient, place) * at(V, weight, place);
                plain[j] += g;
                along[j] = simd.mulAdd(V, g, self.normalised(V, place), along[j]);
            }
        }
        var result: [2]f32 = .{ simd.sumLanes(plain[0] + plain[1]), simd.sumLanes(along[0] + along[1]) };
        while (i < n) : (i += 1) {
            const g = self.gradient[i] * weight[i];
            result[0] += g;
            result[1] += g * self.normalised(One, i)[0];
        }
        return result;
    }
};

inline fn at(comptime T: type, p: [*]const f32, i: usize) T {
    return @as(*align(4) const T, @ptrCast(p + i)).*;
}

inline fn put(comptime T: type, p: [*]f32, i: usize, value: T) void {
    @as(*align(4) T, @ptrCast(p + i)).* = value;
}

test "the gradient of a norm has no part along what the norm leaves out" {
    const n = 2 * lanes + 3;
    var x: [n]f32 = undefined;
    var dy: [n]f32 = undefined;
    for (&x, &dy, 0..) |*a, *b, i| {
        a.* = @sin(@as(f32, @floatFromInt(i)));
        b.* = @cos(@as(f32, @floatFromInt(3 * i)));
    }
    const ones: [n]f32 = @splat(1);
    var dx: [n]f32 = undefined;
    var parts: [2 * n]f32 = undefined;
    var dw: [n]f32 = @splat(1);
    for ([_]u32{ 0, 1 }) |layered| {
        const job: Job = .{ .input = &x, .weight = &ones, .output_gradient = &dy, .input_gradient = &dx, .weight_gradient = &dw, .bias_gradient = null, .rows = 1, .columns = n, .epsilon = 0, .layered = layered, .accumulate = 0, .reserved = 0 };
        const cut: NormParts = .{ .sums = &parts, .rows = 1, .chunks = 1 };
        run(&job, &cut, 0, 1);
        join(&job, &cut, 0, n);
        // A norm does not change when its input is scaled, a LayerNorm not when it is moved either.
        var along: f32 = 0;
        var sum: f32 = 0;
        for (x, dx) |a, b| {
            along += a * b;
            sum += b;
        }
        try std.testing.expectApproxEqAbs(@as(f32, 0), along, 1e-5);
        if (layered == 1) try std.testing.expectApproxEqAbs(@as(f32, 0), sum, 1e-5);
    }
    try std.testing.expect(dw[0] != 1);
}
