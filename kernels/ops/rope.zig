//! Rotary position embedding, in place, from tables of cosines and sines.
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const V = simd.V;
const lanes = simd.lanes;

/// Tokens [begin, end).
pub fn run(job: *const table.Rope, begin: u32, end: u32) callconv(.c) void {
    const half = job.rotary / 2;
    for (begin..end) |token| {
        const angle = (job.position + token) * half;
        const cosines = job.cosines.? + angle;
        const sines = job.sines.? + angle;
        for (0..job.heads) |head| {
            const x = job.values.? + token * job.stride + head * job.head_dim;
            if (job.halves != 0) rotateHalves(x, half, cosines, sines) else rotatePairs(x, half, cosines, sines);
        }
    }
}

inline fn rotateHalves(x: [*]f32, half: usize, cosines: [*]const f32, sines: [*]const f32) void {
    var i: usize = 0;
    while (i + lanes <= half) : (i += lanes) {
        const a = simd.load(x + i);
        const b = simd.load(x + half + i);
        const c = simd.load(cosines + i);
        const s = simd.load(sines + i);
        simd.store(x + i, a * c - b * s);
        simd.store(x + half + i, a * s + b * c);
    }
    while (i < half) : (i += 1) {
        const a = x[i];
        const b = x[half + i];
        x[i] = a * cosines[i] - b * sines[i];
        x[half + i] = a * sines[i] + b * cosines[i];
    }
}

inline fn rotatePairs(x: [*]f32, half: usize, cosines: [*]const f32, sines: [*]const f32) void {
    for (0..half) |i| {
        const a = x[2 * i];
        const b = x[2 * i + 1];
        x[2 * i] = a * cosines[i] - b * sines[i];
        x[2 * i + 1] = a * sines[i] + b * cosines[i];
    }
}
