//! The root of one CPU level's object file: every kernel compiled for that level, as one table.
const options = @import("options");
const simd = @import("simd.zig");
const table = @import("table.zig");
const quant = @import("quant/formats.zig");
const product = @import("ops/product.zig");
const attention = @import("ops/attention.zig");
const rope = @import("ops/rope.zig");
const norm = @import("ops/norm.zig");
const vector = @import("ops/vector.zig");
const softmax = @import("ops/softmax.zig");
const gemm = @import("ops/gemm.zig");

const functions: table.Table = .{
    .lanes = simd.lanes,
    .product = product.run,
    .product_scratch = product.scratchSize,
    .attention = attention.run,
    .attention_scratch = attention.scratchSize,
    .rope = rope.run,
    .cache_store = attention.store,
    .norm = norm.run,
    .vector = vector.run,
    .sum = vector.sum,
    .maximum = vector.maximum,
    .softmax = softmax.run,
    .dequantize = dequantize,
    .gemm = gemm.run,
    .gemm_scratch = gemm.scratchSize,
};

fn dequantize(format: u32, source: [*]const u8, count: usize, output: [*]f32) callconv(.c) void {
    quant.dequantizeRow(simd.lanes, @enumFromInt(format), source, count, output);
}

comptime {
    @export(&functions, .{ .name = "cromwell_table_" ++ options.level, .visibility = .hidden });
}

test {
    _ = simd;
    _ = quant;
    _ = @import("reference_quant.zig");
    _ = product;
    _ = attention;
    _ = rope;
    _ = norm;
    _ = vector;
    _ = softmax;
    _ = gemm;
}
