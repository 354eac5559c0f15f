//! The root of one CPU level's object file: every kernel compiled for that level, as one table.
const options = @import("options");
const simd = @import("simd.zig");
const table = @import("table.zig");
const quant = @import("quant/formats.zig");
const product = @import("ops/product.zig");
const tile_product = @import("ops/tile_product.zig");
const interleaved_product = @import("ops/interleaved_product.zig");
const activations = @import("ops/activations.zig");
const repack_rows = @import("quant/repack.zig");
const attention = @import("ops/attention.zig");
const cache_store = @import("ops/cache_store.zig");
const rope = @import("ops/rope.zig");
const norm = @import("ops/norm.zig");
const vector = @import("ops/vector.zig");
const softmax = @import("ops/softmax.zig");
const gemm = @import("ops/gemm.zig");
const bias = @import("ops/bias.zig");
const activation_gradient = @import("ops/activation_gradient.zig");
const embedding_gradient = @import("ops/embedding_gradient.zig");
const optimizer = @import("ops/optimizer.zig");
const limits = @import("ops/limits.zig");
const norm_backward = @import("ops/norm_backward.zig");
const rotary_rows = @import("ops/rotary_rows.zig");
const cross_entropy = @import("ops/cross_entropy.zig");
const dropout = @import("ops/dropout.zig");
const causal_attention = @import("ops/causal_attention.zig");
const causal_backward = @import("ops/causal_backward.zig");
const causal_join = @import("ops/causal_join.zig");
const bf16_block = @import("bf16_block.zig");
const bf16_product = @import("ops/bf16_product.zig");

const functions: table.Table = .{
    .lanes = simd.lanes,
    .product = product.run,
    .product_scratch = product.scratchSize,
    .quantise_inputs = activations.run,
    .tile_product = tile_product.run,
    .tile_product_scratch = tile_product.scratchSize,
    .interleaved_product = interleaved_product.run,
    .repack = repack,
    .attention = attention.run,
    .attention_scratch = attention.scratchSize,
    .attention_parts = attention.runParts,
    .attention_part_size = attention.partSize,
    .attention_join = attention.joinParts,
    .rope = rope.run,
    .cache_store = cache_store.run,
    .norm = norm.run,
    .vector = vector.run,
    .add_bias = bias.add,
    .bias_gradient = bias.gradient,
    .activation_gradient = activation_gradient.run,
    .embedding_gradient = embedding_gradient.run,
    .weighted_sum = optimizer.weightedSum,
    .adamw = optimizer.adamw,
    .sum_squares = optimizer.sumSquares,
    .sum = vector.sum,
    .largest = vector.largest,
    .sum_exponentials = vector.sumExponentials,
    .softmax = softmax.run,
    .dequantize = dequantize,
    .limit = limits.run,
    .limit_operations = limits.operations,
    .gemm_tile = gemm.shape,
    .gemm_pack_a = gemm.packA,
    .gemm_pack_b = gemm.packB,
    .gemm_multiply = gemm.multiply,
    .training = .{
        .norm_backward = norm_backward.run,
        .norm_backward_join = norm_backward.join,
        .rotary_rows = rotary_rows.run,
        .cross_entropy = cross_entropy.run,
        .dropout = dropout.run,
        .causal_attention = causal_attention.run,
        .causal_attention_scratch = causal_attention.scratchSize,
        .causal_backward = causal_backward.run,
        .causal_backward_scratch = causal_backward.scratchSize,
        .causal_join = causal_join.run,
        .causal_key_step = causal_backward.key_step,
        .bf16_rows = bf16_block.rows(simd.lanes),
        .bf16_pack = bf16_product.packB,
        .bf16_pack_rows = bf16_product.packA,
        .bf16_multiply = bf16_product.multiply,
        .bf16_multiply_native = if (bf16_product.has_native) bf16_product.multiplyNative else null,
    },
};

fn dequantize(format: u32, source: [*]const u8, count: usize, output: [*]f32) callconv(.c) void {
    quant.dequantizeRow(simd.lanes, @enumFromInt(format), source, count, output);
}

fn repack(
    format: u32,
    source: [*]const u8,
    rows: u32,
    columns: u32,
    output: [*]u8,
    begin: u32,
    end: u32,
) callconv(.c) void {
    repack_rows.repack(@enumFromInt(format), source, rows, columns, output, begin, end);
}

comptime {
    @export(&functions, .{ .name = "cromwell_table_" ++ options.level, .visibility = .hidden });
}

test {
    _ = simd;
    _ = quant;
    _ = @import("reference_quant.zig");
    _ = product;
    _ = @import("ops/quad_products.zig");
    _ = activations;
    _ = tile_product;
    _ = interleaved_product;
    _ = attention;
    _ = cache_store;
    _ = rope;
    _ = norm;
    _ = vector;
    _ = softmax;
    _ = gemm;
    _ = bias;
    _ = activation_gradient;
    _ = embedding_gradient;
    _ = optimizer;
    _ = limits;
    _ = norm_backward;
    _ = rotary_rows;
    _ = cross_entropy;
    _ = dropout;
    _ = causal_attention;
    _ = causal_backward;
    _ = causal_join;
    _ = bf16_product;
    _ = @import("ops/causal_test.zig");
    _ = @import("ops/head_rows.zig");
    _ = @import("ops/register_tile.zig");
    _ = @import("ops/word_tile.zig");
    _ = @import("ops/hadamard.zig");
}
