//! What one CPU level offers: a table of functions, each over a range of independent items, and the
//! job descriptions that they read. abi.zig checks a job, cuts it into ranges and runs them.
const Quantised = @import("quantised.zig").Quantised;
const blocks = @import("packed.zig");
const AttentionParts = @import("attention_parts.zig").AttentionParts;
pub const training_jobs = @import("training_table.zig");

/// Key and value cache element types; cache_layout.zig tells how they lie.
pub const CacheType = enum(u32) { f32 = 0, f16 = 1, q8_0 = 2 };

/// How a weight matrix lies in memory: rows of blocks as in the file, tiles (quant/tiles.zig), or
/// f32 or f16 interleaved by 16 rows (ops/interleaved_product.zig).
pub const Layout = enum(u32) { rows = 0, tiles = 1, interleaved = 2 };

/// output[m][rows] (+)= scale * (input[m][columns] x weight[rows][columns]^T + bias). Offsets in
/// elements; TypeScript fills this in.
pub const Product = extern struct {
    weight: ?[*]const u8,
    input: ?[*]const f32,
    output: ?[*]f32,
    bias: ?[*]const f32,
    rows: u32,
    columns: u32,
    input_stride: u32,
    output_stride: u32,
    format: u32,
    /// 1: add to what the output holds.
    accumulate: u32,
    scale: f32,
    layout: u32,
    /// Products of layout `interleaved` that follow on the same rows, while these are at hand.
    next: ?[*]const Product = null,
    next_count: u32 = 0,
    /// Of tiles: a block of 32 inputs keeps eight bits unless its largest magnitude is above this many
    /// times the input's root mean square; then it keeps fifteen, as all do with 0.
    coarse_below: f32 = 0,
};

/// Softmax(scale * Q K^T) V over keys and values of [kv_heads][capacity][padded_dim], for the tokens at
/// positions position .. position + tokens, each of which sees itself and what is before it, or all
/// of the first `visible` positions where that is not 0; at most `window` of them (0: all). A token's
/// queries and outputs are `stride` apart, its heads' `head_stride` (0: side by side).
pub const Attention = extern struct {
    query: ?[*]const f32,
    keys: ?[*]const u8,
    values: ?[*]const u8,
    output: ?[*]f32,
    capacity: u64,
    tokens: u32,
    heads: u32,
    kv_heads: u32,
    head_dim: u32,
    padded_dim: u32,
    position: u32,
    window: u32,
    cache_type: u32,
    query_stride: u32,
    output_stride: u32,
    scale: f32,
    query_head_stride: u32,
    output_head_stride: u32,
    visible: u32,
};

/// Rotates [tokens][heads][head_dim] in place by the angles of their positions.
pub const Rope = extern struct {
    values: ?[*]f32,
    /// [capacity][rotary / 2], from position 0.
    cosines: ?[*]const f32,
    sines: ?[*]const f32,
    tokens: u32,
    heads: u32,
    head_dim: u32,
    rotary: u32,
    position: u32,
    stride: u32,
    /// 0: pairs (2i, 2i + 1), as in GGUF llama files; 1: pairs (i, i + rotary / 2), as in NeoX.
    halves: u32,
    /// Positions that the tables hold.
    capacity: u32,
};

/// Writes [tokens][kv_heads][head_dim] into a cache, laid out as Attention reads it.
pub const CacheStore = extern struct {
    source: ?[*]const f32,
    cache: ?[*]u8,
    capacity: u64,
    tokens: u32,
    kv_heads: u32,
    head_dim: u32,
    padded_dim: u32,
    position: u32,
    cache_type: u32,
    source_stride: u32,
    /// 1: keys, 0: values.
    keys: u32,
};

/// C[m][n] (+)= A[m][k] x B[k][n], all f32 row by row with the given strides. Transposed, A lies as
/// [k][m] and B as [n][k].
pub const Gemm = extern struct {
    a: ?[*]const f32,
    b: ?[*]const f32,
    c: ?[*]f32,
    m: u32,
    n: u32,
    k: u32,
    a_stride: u32,
    b_stride: u32,
    c_stride: u32,
    a_transposed: u32 = 0,
    b_transposed: u32 = 0,
    /// 1: add to what C holds.
    accumulate: u32 = 0,
};

pub const VectorOperation = enum(u32) { add = 0, multiply = 1, scale = 2, fma = 3, exp = 4, sigmoid = 5, tanh = 6, gelu = 7, swiglu = 8 };

/// Paths from `root` on, each ended by a NUL, and a column for each thing that lstat tells of them: zeros
/// for a path that leads to nothing.
pub const FileStatuses = extern struct {
    root: ?[*:0]const u8,
    paths: ?[*]const u8,
    /// Bytes of all paths.
    length: u64,
    /// Where each path begins.
    starts: ?[*]const u32,
    sizes: ?[*]f64,
    /// Milliseconds since 1970: of the contents' last change, and of any change.
    mtimes: ?[*]f64,
    ctimes: ?[*]f64,
    /// Another one when anything is another that tells what a file is and when it changed.
    stamps: ?[*]u64,
    /// Kind and permissions (st_mode).
    modes: ?[*]u32,
    count: u32,
    /// Paths that are done, before the call and after it.
    done: u32,
    /// After so many no further paths are begun.
    milliseconds: u32,
    reserved: u32,
};

/// Elementwise over `count` values: a, b, c as the operation needs them.
pub const Vector = extern struct {
    a: ?[*]const f32,
    b: ?[*]const f32,
    c: ?[*]const f32,
    output: ?[*]f32,
    count: u64,
    factor: f32,
    operation: u32,
};

pub const Norm = extern struct {
    input: ?[*]const f32,
    weight: ?[*]const f32,
    /// Null: RMSNorm. Given: LayerNorm.
    bias: ?[*]const f32,
    output: ?[*]f32,
    rows: u32,
    columns: u32,
    epsilon: f32,
    reserved: u32,
};

/// Adds bias[columns] to each row of values, or the values' columns, each summed, to the bias.
pub const Bias = extern struct {
    values: ?[*]f32,
    bias: ?[*]f32,
    rows: u32,
    columns: u32,
    stride: u32,
    reserved: u32,
};

pub const Activation = enum(u32) { swiglu = 0, gelu = 1 };

/// From the gradient of gelu(gate), or of silu(gate) * up, those of what went in. They may lie where
/// that does, or the output's gradient.
pub const ActivationGradient = extern struct {
    gate: ?[*]const f32,
    up: ?[*]const f32,
    output_gradient: ?[*]const f32,
    gate_gradient: ?[*]f32,
    up_gradient: ?[*]f32,
    count: u64,
    activation: u32,
    reserved: u32,
};

/// gradient[ids[i]] += source[i] of [count][columns], in the order of i.
pub const EmbeddingGradient = extern struct {
    source: ?[*]const f32,
    ids: ?[*]const u32,
    gradient: ?[*]f32,
    count: u32,
    /// Of the table.
    rows: u32,
    columns: u32,
    reserved: u32,
};

/// output = a_weight * a + b_weight * b.
pub const WeightedSum = extern struct {
    a: ?[*]const f32,
    b: ?[*]const f32,
    output: ?[*]f32,
    count: u64,
    a_weight: f32,
    b_weight: f32,
};

/// One step of Adam with decoupled weight decay (Loshchilov and Hutter, 2019) over `count` values.
pub const AdamW = extern struct {
    values: ?[*]f32,
    gradient: ?[*]const f32,
    /// Running means of the gradient and of its square.
    first: ?[*]f32,
    second: ?[*]f32,
    count: u64,
    gradient_scale: f32,
    /// 1 - beta1.
    first_weight: f32,
    beta2: f32,
    /// 1 - beta2, which the f32 nearest to beta2 would miss by far.
    second_weight: f32,
    epsilon: f32,
    /// What values are multiplied by first: 1 - learning rate * weight decay.
    keep: f32,
    /// Learning rate / (1 - beta1^step).
    step_size: f32,
    /// 1 / sqrt(1 - beta2^step).
    root_factor: f32,
};

/// What a probe does at the machine's limit. A unit of work is a byte, or a round whose operations
/// the level tells: multiplications and additions of f32, or of 4-bit weights and 8-bit inputs.
pub const Limit = enum(u32) { write = 0, read = 1, multiply_add = 2, integer_tile = 3 };

/// What a step's job is.
pub const StepKind = enum(u32) { products = 0, attention = 1, norm = 2, rope = 3, cache_store = 4, vector = 5 };

/// One step of a program: `count` products, or one job of another kind.
pub const Step = extern struct {
    job: ?*const anyopaque,
    kind: u32,
    count: u32,
};

pub const Scratch = [*]align(64) u8;

pub const Table = extern struct {
    lanes: u32,
    /// Rows [begin, end) of one product, for all m inputs.
    product: *const fn (*const Product, m: u32, begin: u32, end: u32, Scratch) callconv(.c) void,
    product_scratch: *const fn (*const Product, m: u32) callconv(.c) usize,
    /// Inputs [begin, end) of a product as tile products read them.
    quantise_inputs: *const fn (*const Product, *const Quantised, begin: u32, end: u32) callconv(.c) void,
    /// Rows [begin, end) of one product with tiles, for all m inputs; begin is a tile's first.
    tile_product: *const fn (*const Product, *const Quantised, m: u32, begin: u32, end: u32, Scratch) callconv(.c) void,
    tile_product_scratch: *const fn (*const Product, m: u32) callconv(.c) usize,
    /// Rows [begin, end) of one product with interleaved weights, for all m inputs.
    interleaved_product: *const fn (*const Product, m: u32, begin: u32, end: u32) callconv(.c) void,
    /// Writes tiles [begin, end) of a matrix that lies in rows.
    repack: *const fn (
        format: u32,
        source: [*]const u8,
        rows: u32,
        columns: u32,
        output: [*]u8,
        begin: u32,
        end: u32,
    ) callconv(.c) void,
    /// Item: tokens [begin, end) of one KV head.
    attention: *const fn (*const Attention, kv_head: u32, begin: u32, end: u32, Scratch) callconv(.c) void,
    attention_scratch: *const fn (*const Attention) callconv(.c) usize,
    /// Item: all tokens of one KV head, of the keys in chunks [first, last) alone.
    attention_parts: *const fn (
        *const Attention,
        *const AttentionParts,
        kv_head: u32,
        first: u32,
        last: u32,
        Scratch,
    ) callconv(.c) void,
    attention_part_size: *const fn (*const Attention) callconv(.c) usize,
    /// The output of rows [begin, end) of all heads from their parts.
    attention_join: *const fn (*const Attention, *const AttentionParts, begin: u32, end: u32) callconv(.c) void,
    rope: *const fn (*const Rope, begin: u32, end: u32) callconv(.c) void,
    cache_store: *const fn (*const CacheStore, begin: u32, end: u32) callconv(.c) void,
    norm: *const fn (*const Norm, begin: u32, end: u32) callconv(.c) void,
    vector: *const fn (*const Vector, begin: u64, end: u64) callconv(.c) void,
    /// Rows [begin, end).
    add_bias: *const fn (*const Bias, begin: u32, end: u32) callconv(.c) void,
    /// Columns [begin, end).
    bias_gradient: *const fn (*const Bias, begin: u32, end: u32) callconv(.c) void,
    activation_gradient: *const fn (*const ActivationGradient, begin: u64, end: u64) callconv(.c) void,
    /// Columns [begin, end) of all rows.
    embedding_gradient: *const fn (*const EmbeddingGradient, begin: u32, end: u32) callconv(.c) void,
    weighted_sum: *const fn (*const WeightedSum, begin: u64, end: u64) callconv(.c) void,
    adamw: *const fn (*const AdamW, begin: u64, end: u64) callconv(.c) void,
    sum_squares: *const fn ([*]const f32, usize) callconv(.c) f64,
    sum: *const fn ([*]const f32, usize) callconv(.c) f32,
    largest: *const fn ([*]const f32, usize) callconv(.c) u32,
    sum_exponentials: *const fn ([*]const f32, usize, scale: f32, offset: f32) callconv(.c) f32,
    /// In place, one row.
    softmax: *const fn ([*]f32, usize) callconv(.c) void,
    dequantize: *const fn (format: u32, [*]const u8, count: usize, [*]f32) callconv(.c) void,
    /// Does `count` units of work; what it returns only keeps the work from being left out.
    limit: *const fn (kind: u32, memory: [*]u8, count: usize) callconv(.c) f32,
    limit_operations: *const fn (kind: u32) callconv(.c) u32,
    gemm_tile: blocks.Tile,
    /// Packs the rows of A.
    gemm_pack_a: *const fn (*const Gemm, *const blocks.Packed) callconv(.c) void,
    /// Packs strips [begin, end) of B.
    gemm_pack_b: *const fn (*const Gemm, *const blocks.Packed, begin: usize, end: usize) callconv(.c) void,
    /// The packed rows by strips [begin, end) of B: stored where the depth is 0 and C is not added to, else
    /// added.
    gemm_multiply: *const fn (*const Gemm, *const blocks.Packed, begin: usize, end: usize) callconv(.c) void,
    training: training_jobs.Functions,
};
