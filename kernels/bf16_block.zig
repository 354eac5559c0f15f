//! How ops/bf16_product.zig has its factors packed, and the part of a product that it makes in one call.
const std = @import("std");

/// Columns of a strip of B: [pairs of k][width], whatever the CPU level.
pub const width = 32;
/// Most pairs of k at once: with the rows of a tile, and a strip, what a first-level cache holds.
pub const depth = 384;
/// Pairs from one packed row of A to the next: a cache line more than it has, as else all rows of a tile
/// would lie in one set of that cache.
pub const pitch = depth + 16;

/// Rows of a tile: all registers but those of the operands.
pub fn rows(comptime lanes: usize) usize {
    return if (lanes == 16) 12 else 4;
}

pub fn pairs(k: usize) usize {
    return std.math.divCeil(usize, k, 2) catch unreachable;
}

/// Values, two bf16 each, of a packed matrix B[k][n].
pub fn size(k: usize, n: usize) usize {
    return (std.math.divCeil(usize, n, width) catch unreachable) * width * pairs(k);
}

pub const Block = extern struct {
    /// [rows][pitch] pairs.
    a: [*]u32,
    row: usize,
    rows: usize,
    /// First pair of k.
    pair: usize,
    pairs: usize,
};
