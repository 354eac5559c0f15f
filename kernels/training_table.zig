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

/// Softmax(scale * Q K^T) V of whole sequences, each row of which sees the positions from its start to its
/// own. Rows lie a stride apart, a row's heads side by side; query heads share KV heads in groups.
pub const CausalAttention = extern struct {
    query: ?[*]const f32,
    keys: ?[*]const f32,
    values: ?[*]const f32,
    output: ?[*]f32,
    /// [rows][heads] log2 of the sum of a row's exponentials: what the backward pass needs of it.
    log_sums: ?[*]f32,
    /// [rows] first position of its sequence that the row sees, at most its own; null: 0.
    starts: ?[*]const u32,
    sequences: u32,
    length: u32,
    heads: u32,
    kv_heads: u32,
    head_dim: u32,
    query_stride: u32,
    key_stride: u32,
    value_stride: u32,
    output_stride: u32,
    scale: f32,
    /// Positions [begin, end) of each sequence that are computed, of all heads; `end` 0: to the last.
    begin: u32,
    end: u32,
};

/// The gradients of queries, keys and values, which are written, from that of the output.
pub const CausalAttentionBackward = extern struct {
    query: ?[*]const f32,
    keys: ?[*]const f32,
    values: ?[*]const f32,
    output: ?[*]const f32,
    log_sums: ?[*]const f32,
    starts: ?[*]const u32,
    output_gradient: ?[*]const f32,
    query_gradient: ?[*]f32,
    key_gradient: ?[*]f32,
    value_gradient: ?[*]f32,
    sequences: u32,
    length: u32,
    heads: u32,
    kv_heads: u32,
    head_dim: u32,
    query_stride: u32,
    key_stride: u32,
    value_stride: u32,
    /// Of the output and of its gradient.
    output_stride: u32,
    query_gradient_stride: u32,
    key_gradient_stride: u32,
    value_gradient_stride: u32,
    /// Of rows of `log_sums`; 0: heads.
    log_sum_stride: u32,
    scale: f32,
    /// Sequences x heads of all calls that a gradient is made by, which decide how keys are cut into
    /// segments; 0: those of this call.
    all_heads: u32,
    /// Segments whose first key is in [begin, end); `end` 0: to the last. Gradients of queries are added
    /// up from call to call, the first one's segments first.
    begin: u32,
    end: u32,
    reserved: u32,
};

/// Packs B[k][n] as bf16, in strips of columns with pairs of k side by side (bf16_block.zig).
pub const Bf16Matrix = extern struct {
    source: ?[*]const f32,
    /// Two values in each, the lower k in the lower half.
    output: ?[*]u32,
    k: u32,
    n: u32,
    stride: u32,
    /// 1: the source lies as [n][k].
    transposed: u32,
};

/// C[m][n] (+)= A[m][k] x B[k][n]: B packed as bf16, A rounded to bf16, sums in f32.
pub const Bf16Product = extern struct {
    a: ?[*]const f32,
    b: ?[*]const u32,
    c: ?[*]f32,
    m: u32,
    n: u32,
    k: u32,
    a_stride: u32,
    c_stride: u32,
    /// 1: add to what C holds.
    accumulate: u32,
};

const Bf16Block = @import("bf16_block.zig").Block;
const NormParts = @import("norm_parts.zig").NormParts;
const CausalParts = @import("causal_parts.zig").CausalParts;
const Scratch = @import("table.zig").Scratch;

/// The packed rows by strips [begin, end) of B: stored where the pair is 0 and C is not added to, else added.
pub const Bf16Multiply = *const fn (*const Bf16Product, *const Bf16Block, begin: usize, end: usize) callconv(.c) void;

pub const Functions = extern struct {
    /// Chunks [begin, end) of rows.
    norm_backward: *const fn (*const NormBackward, *const NormParts, begin: u32, end: u32) callconv(.c) void,
    /// Adds the chunks' sums to columns [begin, end) of the gradients, in the chunks' order.
    norm_backward_join: *const fn (*const NormBackward, *const NormParts, begin: u32, end: u32) callconv(.c) void,
    rotary_rows: *const fn (*const RotaryRows, begin: u32, end: u32) callconv(.c) void,
    cross_entropy: *const fn (*const CrossEntropy, begin: u32, end: u32) callconv(.c) void,
    dropout: *const fn (*const Dropout, begin: u32, end: u32) callconv(.c) void,
    /// Item: positions [begin, end) of one sequence and KV head.
    causal_attention: *const fn (
        *const CausalAttention,
        sequence: u32,
        kv_head: u32,
        begin: u32,
        end: u32,
        Scratch,
    ) callconv(.c) void,
    causal_attention_scratch: *const fn (*const CausalAttention) callconv(.c) usize,
    /// Item: one sequence, query head and segment of the keys.
    causal_backward: *const fn (
        *const CausalAttentionBackward,
        *const CausalParts,
        sequence: u32,
        head: u32,
        segment: u32,
        Scratch,
    ) callconv(.c) void,
    causal_backward_scratch: *const fn (*const CausalAttentionBackward) callconv(.c) usize,
    /// Rows [begin, end) of gradients from the items' parts.
    causal_join: *const fn (*const CausalAttentionBackward, *const CausalParts, begin: u32, end: u32) callconv(.c) void,
    /// Keys that a segment is a multiple of.
    causal_key_step: u32,
    /// Rows of a tile of bf16 products.
    bf16_rows: u32,
    /// Strips [begin, end).
    bf16_pack: *const fn (*const Bf16Matrix, begin: u32, end: u32) callconv(.c) void,
    bf16_pack_rows: *const fn (*const Bf16Product, *const Bf16Block) callconv(.c) void,
    bf16_multiply: Bf16Multiply,
    /// By an instruction that not all CPUs of the level have; null: none has.
    bf16_multiply_native: ?Bf16Multiply,
};
