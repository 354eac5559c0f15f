//! Rotary position embedding of rows that each have a position of their own, as documents packed into
//! one sequence do, forwards and backwards.
const rope = @import("rope.zig");
const table = @import("../training_table.zig");

/// Rows [begin, end).
pub fn run(job: *const table.RotaryRows, begin: u32, end: u32) callconv(.c) void {
    if (job.inverse == 0) rotate(false, job, begin, end) else rotate(true, job, begin, end);
}

fn rotate(comptime back: bool, job: *const table.RotaryRows, begin: usize, end: usize) void {
    const half: usize = job.rotary / 2;
    for (begin..end) |row| {
        const angle = job.positions.?[row] * half;
        const cosines = job.cosines.? + angle;
        const sines = job.sines.? + angle;
        for (0..job.heads) |head| {
            const x = job.values.? + row * job.stride + head * job.head_dim;
            if (job.halves != 0) rope.rotateHalves(back, x, half, cosines, sines) else rope.rotatePairs(back, x, half, cosines, sines);
        }
    }
}
