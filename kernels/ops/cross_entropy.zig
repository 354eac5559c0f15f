//! Cross-entropy of rows of logits, and its gradient in their place: softmax and loss share the maximum
//! and the exponentials, and a row stays in the cache from its maximum to its gradient.
const std = @import("std");
const simd = @import("../simd.zig");
const vector = @import("vector.zig");
const table = @import("../training_table.zig");
const V = simd.V;
const lanes = simd.lanes;
const Job = table.CrossEntropy;

/// Rows [begin, end).
pub fn run(job: *const Job, begin: u32, end: u32) callconv(.c) void {
    const n: usize = job.columns;
    for (begin..end) |row| {
        const logits = job.logits.? + row * job.stride;
        const weight = job.weights.?[row];
        if (weight == 0) {
            job.losses.?[row] = 0;
            if (job.gradient != 0) @memset(logits[0..n], 0);
            continue;
        }
        const target: usize = job.targets.?[row];
        const highest = vector.maximum(logits, n);
        const wanted = logits[target] - highest;
        const total = if (job.gradient != 0) exponentials(true, logits, n, highest) else exponentials(false, logits, n, highest);
        job.losses.?[row] = @floatCast(@log(total) - wanted);
        if (job.gradient == 0) continue;
        // Divided once; the sum was taken of what is multiplied, so that a row's gradients cancel.
        const factor = job.scale * weight;
        scale(logits, n, @floatCast(factor / total));
        logits[target] -= factor;
    }
}

/// Sum of exp(x - highest), which with `keep` takes each logit's place: four vectors of partial sums.
fn exponentials(comptime keep: bool, x: [*]f32, n: usize, highest: f32) f64 {
    const offset = simd.splat(highest);
    var parts: [4]V = @splat(simd.splat(0));
    var i: usize = 0;
    while (i + 4 * lanes <= n) : (i += 4 * lanes) {
        inline for (0..4) |j| {
            const e = simd.exp(V, simd.load(x + i + j * lanes) - offset);
            if (keep) simd.store(x + i + j * lanes, e);
            parts[j] += e;
        }
    }
    var total: f64 = simd.sumLanes((parts[0] + parts[1]) + (parts[2] + parts[3]));
    while (i < n) : (i += 1) {
        const e = simd.scalar(simd.exp, x[i] - highest);
        if (keep) x[i] = e;
        total += e;
    }
    return total;
}

fn scale(x: [*]f32, n: usize, factor: f32) void {
    var i: usize = 0;
    while (i + lanes <= n) : (i += lanes) simd.store(x + i, simd.load(x + i) * simd.splat(factor));
    while (i < n) : (i += 1) x[i] *= factor;
}

test "losses and gradients of large, equal and unwanted logits" {
    const n = 4 * lanes + 5;
    var logits: [3 * n]f32 = @splat(0);
    logits[1] = 200;
    @memset(logits[n .. 2 * n], -3);
    var losses: [3]f32 = undefined;
    const job: Job = .{ .logits = &logits, .targets = &.{ 1, 2, 1 << 31 }, .weights = &.{ 1, 2, 0 }, .losses = &losses, .rows = 3, .columns = n, .stride = n, .gradient = 1, .scale = 0.5, .reserved = 0 };
    run(&job, 0, 3);
    try std.testing.expectEqual(0, losses[0]);
    try std.testing.expectApproxEqAbs(@log(@as(f32, n)), losses[1], 1e-6);
    try std.testing.expectEqual(0, losses[2]);
    try std.testing.expectEqual(0, logits[1]);
    try std.testing.expectApproxEqAbs(1 / @as(f32, n) - 1, logits[n + 2], 1e-6);
    try std.testing.expectApproxEqAbs(1 / @as(f32, n), logits[n + 3], 1e-6);
    for (logits[2 * n ..]) |x| try std.testing.expectEqual(0, x);
}
