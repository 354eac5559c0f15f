//! Inputs of tile products as ops/activations.zig writes them: integers of eight bits in units of
//! their block's scale, for some blocks also what that rounding left, in units 128 times as small.
//! All of one block's columns lie together, input after input, in the order that products read.
const std = @import("std");

pub const Quantised = extern struct {
    /// [blocks][inputs][32], at most 127 from zero.
    coarse: [*]i8,
    /// The same, from -64 to 63; only where `refined` says so.
    fine: [*]i8,
    /// [blocks][flags], 1 or 0.
    refined: [*]u8,
    /// [blocks][inputs]; offsets are the sums of what the integers stand for.
    scales: [*]f32,
    offsets: [*]f32,
    /// [blocks][inputs][groups of weights in a block]: what sums of products with weights that are
    /// counted from a middle begin with, so that they end as if those had signs.
    coarse_starts: [*]i32,
    fine_starts: [*]i32,
    inputs: usize,
    blocks: usize,
    flags: usize,

    /// Elements that share a scale.
    pub const block = 32;
    /// A coarse step is this many fine ones.
    pub const steps = 128;
    /// Groups of weights that one block may meet.
    pub const max_groups = 2;
    /// Flags of several inputs are read in words of 64.
    pub const word = 64;

    /// Bytes that `m` inputs take.
    pub fn sizeOf(columns: usize, m: usize) usize {
        const numbers = (2 + 2 * max_groups) * @sizeOf(f32);
        return columns / block * (m * (2 * block + numbers) + flagsOf(m));
    }

    /// The places of `m` inputs in `memory`, which has sizeOf bytes.
    pub fn layOut(memory: [*]align(64) u8, columns: usize, m: usize) Quantised {
        const blocks = columns / block;
        const fine = memory + blocks * m * block;
        const scales: [*]f32 = @ptrCast(@alignCast(fine + blocks * m * block));
        const fine_starts = scales + (2 + max_groups) * blocks * m;
        return .{
            .coarse = @ptrCast(memory),
            .fine = @ptrCast(fine),
            .refined = @ptrCast(fine_starts + max_groups * blocks * m),
            .scales = scales,
            .offsets = scales + blocks * m,
            .coarse_starts = @ptrCast(scales + 2 * blocks * m),
            .fine_starts = @ptrCast(fine_starts),
            .inputs = m,
            .blocks = blocks,
            .flags = flagsOf(m),
        };
    }

    /// Flags of several inputs are read in whole words. One input has its flags side by side: a cache
    /// line for each would push the others out of the first-level cache.
    fn flagsOf(m: usize) usize {
        return if (m == 1) 1 else std.mem.alignForward(usize, m, word);
    }
};
