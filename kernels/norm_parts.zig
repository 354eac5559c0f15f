//! Sums of a norm's gradients over chunks of rows, which are added up in the chunks' order.

pub const NormParts = extern struct {
    /// [chunks][2][columns]: of weight, of bias. Not read where neither is wanted.
    sums: [*]f32,
    /// Rows of a chunk.
    rows: u32,
    chunks: u32,
};
