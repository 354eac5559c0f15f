//! RMSNorm and LayerNorm over rows. A row's statistics are taken in one fixed order.
const simd = @import("../simd.zig");
const vector = @import("vector.zig");
const table = @import("../table.zig");
const V = simd.V;
const lanes = simd.lanes;

/// Rows [begin, end): weight * x / rms(x), or weight * (x - mean) / deviation + bias.
pub fn run(job: *const table.Norm, begin: u32, end: u32) callconv(.c) void {
    for (begin..end) |row| {
        const x = job.input.? + row * job.columns;
        const y = job.output.? + row * job.columns;
        if (job.bias) |bias| layerNorm(job, x, y, bias) else rmsNorm(job, x, y);
    }
}

/// What a row is moved and multiplied by before weight and bias.
pub const Statistics = struct { mean: f32, factor: f32 };

pub fn rootMeanSquare(x: [*]const f32, n: usize, epsilon: f32) Statistics {
    const mean = squares(x, n, 0) / @as(f32, @floatFromInt(n));
    return .{ .mean = 0, .factor = 1 / @sqrt(mean + epsilon) };
}

pub fn layered(x: [*]const f32, n: usize, epsilon: f32) Statistics {
    const size: f32 = @floatFromInt(n);
    const mean = vector.sum(x, n) / size;
    return .{ .mean = mean, .factor = 1 / @sqrt(squares(x, n, mean) / size + epsilon) };
}

fn rmsNorm(job: *const table.Norm, x: [*]const f32, y: [*]f32) void {
    const n: usize = job.columns;
    const factor = rootMeanSquare(x, n, job.epsilon).factor;
    const weight = job.weight.?;
    var i: usize = 0;
    while (i + lanes <= n) : (i += lanes) {
        simd.store(y + i, simd.load(x + i) * simd.splat(factor) * simd.load(weight + i));
    }
    while (i < n) : (i += 1) y[i] = x[i] * factor * weight[i];
}

fn layerNorm(job: *const table.Norm, x: [*]const f32, y: [*]f32, bias: [*]const f32) void {
    const n: usize = job.columns;
    const statistics = layered(x, n, job.epsilon);
    const mean, const factor = .{ statistics.mean, statistics.factor };
    const weight = job.weight.?;
    var i: usize = 0;
    while (i + lanes <= n) : (i += lanes) {
        const centred = (simd.load(x + i) - simd.splat(mean)) * simd.splat(factor);
        simd.store(y + i, simd.mulAdd(V, centred, simd.load(weight + i), simd.load(bias + i)));
    }
    while (i < n) : (i += 1) y[i] = simd.mulAdd(f32, (x[i] - mean) * factor, weight[i], bias[i]);
}

/// Sum of (x - mean)^2.
fn squares(x: [*]const f32, n: usize, mean: f32) f32 {
    var sums: [2]V = @splat(simd.splat(0));
    var i: usize = 0;
    while (i + 2 * lanes <= n) : (i += 2 * lanes) {
        inline for (0..2) |j| {
            const d = simd.load(x + i + j * lanes) - simd.splat(mean);
            sums[j] = simd.mulAdd(V, d, d, sums[j]);
        }
    }
    var result = simd.sumLanes(sums[0] + sums[1]);
    while (i < n) : (i += 1) result = simd.mulAdd(f32, x[i] - mean, x[i] - mean, result);
    return result;
}
