//! Causal attention forwards and backwards against a plain f64 one, where the suite in TypeScript does not
//! come: on every architecture that the kernels' own tests run on.
const std = @import("std");
const jobs = @import("../training_table.zig");
const CausalParts = @import("../causal_parts.zig").CausalParts;
const forward = @import("causal_attention.zig");
const backward = @import("causal_backward.zig");

const length = 107;
const width = 5;
const count = length * width;
const scale = 0.4;

/// One head; rows see from every thirtieth position on.
const Truth = struct {
    output: [count]f64 = @splat(0),
    query_gradient: [count]f64 = @splat(0),
    key_gradient: [count]f64 = @splat(0),
    value_gradient: [count]f64 = @splat(0),

    fn add(self: *Truth, row: usize, start: usize, q: []const f32, k: []const f32, v: []const f32, g: []const f32) void {
        var weights: [length]f64 = undefined;
        var total: f64 = 0;
        for (start..row + 1) |key| {
            weights[key] = @exp(scale * dot(q[row * width ..], k[key * width ..]));
            total += weights[key];
        }
        var delta: f64 = 0;
        for (start..row + 1) |key| {
            weights[key] /= total;
            delta += weights[key] * dot(g[row * width ..], v[key * width ..]);
        }
        for (start..row + 1) |key| {
            const slope = scale * weights[key] * (dot(g[row * width ..], v[key * width ..]) - delta);
            for (0..width) |d| {
                const own, const other = .{ row * width + d, key * width + d };
                self.output[own] += weights[key] * v[other];
                self.query_gradient[own] += slope * k[other];
                self.key_gradient[other] += slope * q[own];
                self.value_gradient[other] += weights[key] * g[own];
            }
        }
    }
};

fn dot(a: []const f32, b: []const f32) f64 {
    var sum: f64 = 0;
    for (a[0..width], b[0..width]) |x, y| sum += @as(f64, x) * y;
    return sum;
}

test "attention and its gradients equal f64 within rounding" {
    var inputs: [4][count]f32 = undefined;
    var random = std.Random.DefaultPrng.init(6);
    for (&inputs) |*values| for (values) |*x| {
        x.* = random.random().floatNorm(f32);
    };
    var starts: [length]u32 = undefined;
    for (&starts, 0..) |*start, row| start.* = @intCast(row / 30 * 30);
    var outputs: [4][count]f32 = undefined;
    var log_sums: [length]f32 = undefined;
    const shape = .{ .sequences = 1, .length = length, .heads = 1, .kv_heads = 1, .head_dim = width, .begin = 0, .end = 0 };
    var one: jobs.CausalAttention = undefined;
    var two: jobs.CausalAttentionBackward = undefined;
    inline for (.{ &one, &two }) |job| {
        inline for (std.meta.fields(@TypeOf(shape))) |field| @field(job, field.name) = @field(shape, field.name);
        inline for (.{ "query_stride", "key_stride", "value_stride", "output_stride" }) |name| @field(job, name) = width;
        inline for (.{ "query", "keys", "values" }, 0..) |name, i| @field(job, name) = &inputs[i];
        job.output = &outputs[0];
        job.log_sums = &log_sums;
        job.starts = &starts;
        job.scale = scale;
    }
    two.output_gradient = &inputs[3];
    inline for (.{ "query_gradient", "key_gradient", "value_gradient" }, 1..) |name, i| {
        @field(two, name) = &outputs[i];
        @field(two, name ++ "_stride") = width;
    }
    two.log_sum_stride = 0;
    const size = @max(forward.scratchSize(&one), backward.scratchSize(&two));
    const scratch = try std.testing.allocator.alignedAlloc(u8, .@"64", size);
    defer std.testing.allocator.free(scratch);
    forward.run(&one, 0, 0, 0, length, scratch.ptr);
    const parts: CausalParts = .{ .queries = &outputs[1], .keys = &outputs[2], .values = &outputs[3], .segments = 1, .first_segment = 0, .last_segment = 1, .step = 1 << 20 };
    backward.run(&two, &parts, 0, 0, 0, scratch.ptr);
    var truth: Truth = .{};
    for (0..length) |row| truth.add(row, starts[row], &inputs[0], &inputs[1], &inputs[2], &inputs[3]);
    const wanted = [_]*const [count]f64{ &truth.output, &truth.query_gradient, &truth.key_gradient, &truth.value_gradient };
    for (wanted, &outputs) |values, *got| {
        for (values, got) |want, x| try std.testing.expectApproxEqAbs(want, @as(f64, x), 2e-5);
    }
}
