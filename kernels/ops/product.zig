//! Products of activations with a weight matrix in any block format: weight rows are dequantised
//! into scratch once, then meet all inputs. Decode (few inputs) goes through k in pieces that stay
//! in the first-level cache; a prompt keeps whole rows of a panel and walks over its tokens.
const std = @import("std");
const builtin = @import("builtin");
const simd = @import("../simd.zig");
const dot = @import("dot.zig");
const table = @import("../table.zig");
const quant = @import("../quant/formats.zig");
const Product = table.Product;
const lanes = simd.lanes;

/// Weight rows in one tile, and inputs: as many sums as the registers hold (32 with AVX-512 and
/// NEON, 16 elsewhere), less the operands.
const nr = 4;
const mr = if (lanes == 16 or builtin.cpu.arch == .aarch64) 6 else 3;
/// Up to this many inputs, k is cut into pieces; a multiple of every block size and of `lanes`.
const few = 4;
const piece = 1024;

/// Rows of a panel: its f32 form stays in the second-level cache.
fn panelRows(columns: usize) usize {
    return if (columns <= 4096) 16 else if (columns <= 8192) 8 else nr;
}

pub fn scratchSize(job: *const Product, m: u32) callconv(.c) usize {
    const format: quant.Format = @enumFromInt(job.format);
    if (format == .f32) return 64;
    const columns: usize = job.columns;
    return if (m <= few) nr * piece * 4 else panelRows(columns) * columns * 4;
}

pub fn run(job: *const Product, m: u32, begin: u32, end: u32, scratch: table.Scratch) callconv(.c) void {
    const format: quant.Format = @enumFromInt(job.format);
    const panel: [*]f32 = @ptrCast(scratch);
    if (m <= few) {
        inline for (1..few + 1) |count| if (m == count) return runFew(count, job, format, begin, end, panel);
    } else runMany(job, format, m, begin, end, panel);
}

fn rowBytes(job: *const Product, format: quant.Format) usize {
    return @as(usize, job.columns) / quant.blockSize(format) * quant.blockBytes(format);
}

fn runFew(comptime m: usize, job: *const Product, format: quant.Format, begin: usize, end: usize, panel: [*]f32) void {
    var row = begin;
    while (row < end) : (row += nr) {
        if (end - row >= nr) fewRows(m, nr, job, format, row, panel) else {
            for (row..end) |r| fewRows(m, 1, job, format, r, panel);
        }
    }
}

fn fewRows(comptime m: usize, comptime n: usize, job: *const Product, format: quant.Format, row: usize, panel: [*]f32) void {
    const columns: usize = job.columns;
    const bytes = rowBytes(job, format);
    const block_size = quant.blockSize(format);
    const block_bytes = quant.blockBytes(format);
    const source = job.weight.? + row * bytes;
    var sums: dot.Accumulator(m, n) = @splat(@splat(simd.splat(0)));
    var totals: [m][n]f32 = undefined;
    var k: usize = 0;
    while (true) {
        const count = @min(piece, columns - k);
        var weights: [n][*]const f32 = undefined;
        inline for (0..n) |j| {
            const start = source + j * bytes + k / block_size * block_bytes;
            if (format == .f32) {
                weights[j] = @ptrCast(@alignCast(start));
            } else {
                quant.dequantizeRow(lanes, format, start, count, panel + j * piece);
                weights[j] = panel + j * piece;
            }
        }
        var inputs: [m][*]const f32 = undefined;
        inline for (0..m) |i| inputs[i] = job.input.? + i * job.input_stride + k;
        const whole = count / lanes * lanes;
        dot.accumulate(m, n, weights, inputs, whole, &sums);
        k += count;
        if (k < columns) continue;
        inline for (0..m) |i| inline for (0..n) |j| {
            totals[i][j] = dot.finish(sums[i][j], weights[j], inputs[i], whole, count);
        };
        break;
    }
    inline for (0..m) |i| inline for (0..n) |j| write(job, i, row + j, totals[i][j]);
}

fn runMany(job: *const Product, format: quant.Format, m: usize, begin: usize, end: usize, panel: [*]f32) void {
    const columns: usize = job.columns;
    const bytes = rowBytes(job, format);
    const step = panelRows(columns);
    var row = begin;
    while (row < end) : (row += step) {
        const rows = @min(step, end - row);
        const source = job.weight.? + row * bytes;
        var weights: [*]const f32 = panel;
        if (format == .f32) {
            weights = @ptrCast(@alignCast(source));
        } else for (0..rows) |j| {
            quant.dequantizeRow(lanes, format, source + j * bytes, columns, panel + j * columns);
        }
        var token: usize = 0;
        while (m - token >= mr) : (token += mr) tokenTile(mr, job, weights, row, rows, token);
        while (token < m) : (token += 1) tokenTile(1, job, weights, row, rows, token);
    }
}

fn tokenTile(comptime tokens: usize, job: *const Product, weights: [*]const f32, row: usize, rows: usize, token: usize) void {
    var j: usize = 0;
    while (rows - j >= nr) : (j += nr) tile(tokens, nr, job, weights, row, j, token);
    while (j < rows) : (j += 1) tile(tokens, 1, job, weights, row, j, token);
}

fn tile(
    comptime tokens: usize,
    comptime n: usize,
    job: *const Product,
    panel: [*]const f32,
    row: usize,
    offset: usize,
    token: usize,
) void {
    const columns: usize = job.columns;
    var weights: [n][*]const f32 = undefined;
    var inputs: [tokens][*]const f32 = undefined;
    inline for (0..n) |j| weights[j] = panel + (offset + j) * columns;
    inline for (0..tokens) |i| inputs[i] = job.input.? + (token + i) * job.input_stride;
    const whole = columns / lanes * lanes;
    var sums: dot.Accumulator(tokens, n) = @splat(@splat(simd.splat(0)));
    dot.accumulate(tokens, n, weights, inputs, whole, &sums);
    inline for (0..tokens) |i| inline for (0..n) |j| {
        write(job, token + i, row + offset + j, dot.finish(sums[i][j], weights[j], inputs[i], whole, columns));
    };
}

inline fn write(job: *const Product, token: usize, row: usize, total: f32) void {
    const place = &job.output.?[token * job.output_stride + row];
    const biased = if (job.bias) |bias| total + bias[row] else total;
    const scaled = if (job.scale == 1) biased else biased * job.scale;
    place.* = if (job.accumulate != 0) place.* + scaled else scaled;
}

test "a product has the same bits for any number of inputs, and is close to f64" {
    const columns = 1100;
    const rows = 21;
    const m = 11;
    var weights: [rows * columns]f32 = undefined;
    var inputs: [m * columns]f32 = undefined;
    var bias: [rows]f32 = undefined;
    var random = std.Random.DefaultPrng.init(1);
    for (&weights) |*w| w.* = random.random().floatNorm(f32);
    for (&inputs) |*x| x.* = random.random().floatNorm(f32);
    for (&bias) |*x| x.* = random.random().floatNorm(f32);
    var together: [m * rows]f32 = undefined;
    var scratch: [64]u8 align(64) = undefined;
    var job: Product = .{
        .weight = @ptrCast(&weights),
        .input = &inputs,
        .output = &together,
        .bias = &bias,
        .rows = rows,
        .columns = columns,
        .input_stride = columns,
        .output_stride = rows,
        .format = 0,
        .accumulate = 0,
        .scale = 0.5,
        .layout = 0,
    };
    run(&job, m, 0, rows, &scratch);
    for (0..m) |i| {
        for (0..rows) |j| {
            var truth: f64 = bias[j];
            for (0..columns) |k| truth += @as(f64, weights[j * columns + k]) * inputs[i * columns + k];
            try std.testing.expectApproxEqAbs(truth * 0.5, @as(f64, together[i * rows + j]), 2e-4);
        }
    }
    var alone: [4 * rows]f32 = undefined;
    job.output = &alone;
    for (1..5) |count| {
        job.input = &inputs;
        run(&job, @intCast(count), 0, 7, &scratch);
        run(&job, @intCast(count), 7, rows, &scratch);
        try std.testing.expectEqualSlices(f32, together[0 .. count * rows], alone[0 .. count * rows]);
    }
}
