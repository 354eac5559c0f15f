//! Gradients of causal attention that several items made parts of, added up in a fixed order.
const simd = @import("../simd.zig");
const CausalParts = @import("../causal_parts.zig").CausalParts;
const Job = @import("../training_table.zig").CausalAttentionBackward;
const lanes = simd.lanes;

/// Rows [begin, end): queries by segments of the keys, keys and values by the query heads that share them.
pub fn run(job: *const Job, parts: *const CausalParts, begin: u32, end: u32) callconv(.c) void {
    const width: usize = job.head_dim;
    const group = job.heads / job.kv_heads;
    const first, const last = .{ parts.first_segment, parts.last_segment };
    for (begin..end) |row| {
        const sequence = row / job.length;
        const position = row % job.length;
        // Later segments' keys are behind this row.
        const seen = @min(last, position / parts.step + 1);
        if (seen <= first) continue;
        if (parts.segments > 1) for (0..job.heads) |head| {
            const at = ((sequence * job.heads + head) * job.length + position) * width;
            const step = @as(usize, job.sequences) * job.heads * job.length * width;
            const output = job.query_gradient.? + row * job.query_gradient_stride + head * width;
            sumParts(parts.queries + at, step, seen - first, width, first > 0, output);
        };
        if (group > 1 and position / parts.step < last) for (0..job.kv_heads) |kv_head| {
            const at = ((sequence * job.heads + kv_head * group) * job.length + position) * width;
            const step = @as(usize, job.length) * width;
            sumParts(parts.keys + at, step, group, width, false, job.key_gradient.? + row * job.key_gradient_stride + kv_head * width);
            sumParts(parts.values + at, step, group, width, false, job.value_gradient.? + row * job.value_gradient_stride + kv_head * width);
        };
    }
}

fn sumParts(parts: [*]const f32, step: usize, count: usize, width: usize, accumulate: bool, output: [*]f32) void {
    if (!accumulate) @memcpy(output[0..width], parts[0..width]);
    for (@intFromBool(!accumulate)..count) |i| {
        const part = parts + i * step;
        var d: usize = 0;
        while (d + lanes <= width) : (d += lanes) simd.store(output + d, simd.load(output + d) + simd.load(part + d));
        while (d < width) : (d += 1) output[d] += part[d];
    }
}
