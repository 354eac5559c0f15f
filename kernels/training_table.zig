//! The part of a CPU level's table that only training needs, and its jobs: backward passes of what
//! table.zig has forward, and the loss. Rows are tokens, one after the other. TypeScript fills jobs in.

/// The gradients of Norm from that of its output; a row's statistics are taken again from its input.
pub const NormBackward = extern struct {
    input: ?[*]const f32,
    weight: ?[*]const f32,
    output_gradient: ?[*]const f32,
    /// Written, or added to where `accumulate` is 1; null: not wanted. May be the output's.
    input_gradient: ?[*]f32,
    /// Both are added to; null: not wanted.
    weight_gradient: ?[*]f32,
    bias_gradient: ?[*]f32,
    rows: u32,
    columns: u32,
    epsilon: f32,
    /// 0: RMSNorm, 1: LayerNorm.
    layered: u32,
    accumulate: u32,
    reserved: u32,
};

/// Rotates [rows][heads][head_dim] in place by the angles of each row's own position, or back.
pub const RotaryRows = extern struct {
    values: ?[*]f32,
    /// [capacity][rotary / 2], from position 0.
    cosines: ?[*]const f32,
    sines: ?[*]const f32,
    positions: ?[*]const u32,
    rows: u32,
    heads: u32,
    head_dim: u32,
    rotary: u32,
    stride: u32,
    /// As in Rope.
    halves: u32,
    capacity: u32,
    /// 1: by the angles' negatives, which is the backward pass.
    inverse: u32,
};

/// losses[row] = -log softmax(logits[row])[targets[row]]; 0 for a row of weight 0, whose target is not
/// read. With `gradient` 1 the logits become scale * weight * (softmax - onehot).
pub const CrossEntropy = extern struct {
    logits: ?[*]f32,
    targets: ?[*]const u32,
    weights: ?[*]const f32,
    losses: ?[*]f32,
    rows: u32,
    columns: u32,
    stride: u32,
    gradient: u32,
    scale: f32,
    reserved: u32,
};

/// output = input / (1 - rate), or 0 where the hash of (seed, row, column) is among the `rate` lowest: the
/// backward pass is the same call on gradients.
pub const Dropout = extern struct {
    input: ?[*]const f32,
    output: ?[*]f32,
    seed: u64,
    rows: u32,
    columns: u32,
    rate: f32,
    reserved: u32,
};

const NormParts = @import("norm_parts.zig").NormParts;

pub const Functions = extern struct {
    /// Chunks [begin, end) of rows.
    norm_backward: *const fn (*const NormBackward, *const NormParts, begin: u32, end: u32) callconv(.c) void,
    /// Adds the chunks' sums to columns [begin, end) of the gradients, in the chunks' order.
    norm_backward_join: *const fn (*const NormBackward, *const NormParts, begin: u32, end: u32) callconv(.c) void,
    rotary_rows: *const fn (*const RotaryRows, begin: u32, end: u32) callconv(.c) void,
    cross_entropy: *const fn (*const CrossEntropy, begin: u32, end: u32) callconv(.c) void,
    dropout: *const fn (*const Dropout, begin: u32, end: u32) callconv(.c) void,
};
