//! A part of a general matrix product as ops/gemm.zig packs it: rows of A and a block of B in the order
//! in which the innermost loop reads them.
pub const Packed = extern struct {
    /// Strips of [k][tile rows] and of [k][tile columns], padded with zeros.
    a: [*]f32,
    b: [*]f32,
    /// The part's place and size.
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
    depth: usize,
    k: usize,
    next: Rows = .{},
};

/// Parts of a matrix' rows, `lines` cache lines of each: what is packed after this and fetched meanwhile.
pub const Rows = extern struct {
    start: ?[*]const f32 = null,
    stride: usize = 0,
    count: usize = 0,
    lines: usize = 0,
};

/// What a CPU level packs for.
pub const Tile = extern struct {
    rows: u32,
    columns: u32,
    /// Most k of one part.
    depth: u32,

    /// Floats from one strip of `width` to the next: a cache line more than it has, as else strips would
    /// begin in one set of the first-level cache.
    pub fn pitch(width: usize, k: usize) usize {
        return width * k + 16;
    }
};
