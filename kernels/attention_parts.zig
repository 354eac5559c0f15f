//! Attention over parts of the keys, made by several threads where few queries see many keys.

/// Positions of one part. Chunks of keys are joined in their order, so the cut decides the bits of a
/// result: it is the same however many tokens and threads there are.
pub const chunk_size = 256;

pub const AttentionParts = extern struct {
    /// [KV heads][rows: tokens x group][chunks][part size].
    memory: [*]f32,
    /// The first chunk that is seen, and how many there are from it on.
    first: u32,
    chunks: u32,
};
