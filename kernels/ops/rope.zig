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
            if (job.halves != 0) rotateHalves(false, x, half, cosines, sines) else rotatePairs(false, x, half, cosines, sines);
        }
    }
}

/// `back`: by the angles' negatives.
pub inline fn rotateHalves(comptime back: bool, x: [*]f32, half: usize, cosines: [*]const f32, sines: [*]const f32) void {
    var i: usize = 0;
    while (i + lanes <= half) : (i += lanes) {
        const a = simd.load(x + i);
        const b = simd.load(x + half + i);
        const c = simd.load(cosines + i);
        const s = if (back) -simd.load(sines + i) else simd.load(sines + i);
        simd.store(x + i, a * c - b * s);
        simd.store(x + half + i, a * s + b * c);
    }
    while (i < half) : (i += 1) {
        const a = x[i];
        const b = x[half + i];
        const s = if (back) -sines[i] else sines[i];
        x[i] = a * cosines[i] - b * s;
        x[half + i] = a * s + b * cosines[i];
    }
}

pub inline fn rotatePairs(comptime back: bool, x: [*]f32, half: usize, cosines: [*]const f32, sines: [*]const f32) void {
    for (0..half) |i| {
        const a = x[2 * i];
        const b = x[2 * i + 1];
        const s = if (back) -sines[i] else sines[i];
        x[2 * i] = a * cosines[i] - b * s;
        x[2 * i + 1] = a * s + b * cosines[i];
    }
}
