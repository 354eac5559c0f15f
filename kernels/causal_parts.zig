//! How the backward pass of attention is cut: items of one sequence, one query head and one segment of
//! the keys. The cut depends on the shapes alone, as it decides the order of sums.

pub const CausalParts = extern struct {
    /// [segments of this call][sequences * heads][length][head_dim]: gradients of queries, of one segment's keys; not read
    /// where there is one segment.
    queries: [*]f32,
    /// [sequences * heads][length][head_dim]: gradients of keys and values, of one query head; not read
    /// where each query head has keys of its own.
    keys: [*]f32,
    values: [*]f32,
    segments: u32,
    /// Of this call.
    first_segment: u32,
    last_segment: u32,
    /// Keys of a segment, whole blocks of them.
    step: u32,
};
