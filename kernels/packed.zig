//! A block of a general matrix product as ops/gemm.zig packs it: parts of A and B in the order in
//! which the innermost loop reads them.
pub const Packed = extern struct {
    /// Strips of [k][tile rows] and of [k][tile columns], padded with zeros.
    a: [*]f32,
    b: [*]f32,
    /// The block's place and size.
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
    depth: usize,
    k: usize,
};

/// What a CPU level packs for.
pub const Tile = extern struct {
    rows: u32,
    columns: u32,
    /// Most k of one block.
    depth: u32,
};

/// A part of a block, in strips.
pub const Part = extern struct {
    row_begin: usize,
    row_end: usize,
    column_begin: usize,
    column_end: usize,
};
