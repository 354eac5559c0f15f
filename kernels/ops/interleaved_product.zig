//! Products with f32 or f16 weights interleaved by 16 rows, [rows / 16][columns][16]: a lane is an
//! output, so no sum crosses lanes and short rows cost no more than long ones. For the low-rank
//! matrices of adapters, which are either few rows or short ones.
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const float16 = @import("../quant/float16.zig");
const tiles = @import("../quant/tiles.zig");
const output = @import("tile_output.zig");
const Format = @import("../quant/formats.zig").Format;
const Product = table.Product;
const V = simd.V;
const lanes = simd.lanes;

const parts = output.parts;
/// Inputs at once, as the registers allow.
const many = 4 / parts;
/// Partial sums of each output: over even columns and over odd ones.
const chains = 2;
/// Bytes ahead of what is read that are fetched: adapters are pieces too short for the CPU to notice.
const ahead = 4096;

/// Rows [begin, end) for all m inputs; begin is a multiple of 16.
pub fn run(job: *const Product, m: u32, begin: u32, end: u32) callconv(.c) void {
    if (job.format == @intFromEnum(Format.f16)) {
        Kernel(f16).run(job, m, begin, end);
    } else Kernel(f32).run(job, m, begin, end);
}

fn Kernel(comptime Weight: type) type {
    return struct {
        fn run(job: *const Product, m: usize, begin: usize, end: usize) void {
            const bytes = @as(usize, job.columns) * @sizeOf(Weight);
            var row = begin;
            while (row < end) : (row += tiles.rows) {
                const weights = job.weight.? + row * bytes;
                const count = @min(end - row, tiles.rows);
                var token: usize = 0;
                while (m - token >= many) : (token += many) some(many, job, weights, token, row, count);
                while (token < m) : (token += 1) some(1, job, weights, token, row, count);
            }
        }

        inline fn some(comptime n: usize, job: *const Product, weights: [*]const u8, token: usize, row: usize, count: usize) void {
            var sums: [chains][n][parts]V = @splat(@splat(@splat(simd.splat(0))));
            const columns: usize = job.columns;
            const stride: usize = job.input_stride;
            const input = job.input.? + token * stride;
            var k: usize = 0;
            while (k + chains <= columns) : (k += chains) {
                const next = weights + k * tiles.rows * @sizeOf(Weight) + ahead;
                inline for (0..chains * tiles.rows * @sizeOf(Weight) / 64) |line| @prefetch(next + line * 64, .{});
                inline for (0..chains) |chain| sums[chain] = added(n, weights, input, stride, k + chain, sums[chain]);
            }
            if (k < columns) sums[0] = added(n, weights, input, stride, k, sums[0]);
            inline for (0..n) |i| {
                var totals: [parts]V = undefined;
                inline for (0..parts) |part| totals[part] = sums[0][i][part] + sums[1][i][part];
                output.write(job, token + i, row, count, &totals);
            }
        }

        inline fn added(
            comptime n: usize,
            weights: [*]const u8,
            input: [*]const f32,
            stride: usize,
            k: usize,
            sums: [n][parts]V,
        ) [n][parts]V {
            var result = sums;
            inline for (0..parts) |part| {
                const weight = load(weights, k * tiles.rows + part * lanes);
                inline for (0..n) |i| {
                    const x = simd.splat(input[i * stride + k]);
                    result[i][part] = simd.mulAdd(V, weight, x, sums[i][part]);
                }
            }
            return result;
        }

        inline fn load(weights: [*]const u8, index: usize) V {
            const at = weights + index * @sizeOf(Weight);
            const bits: @Vector(lanes, if (Weight == f16) u16 else u32) = @bitCast(at[0 .. lanes * @sizeOf(Weight)].*);
            return if (Weight == f16) float16.halfToFloat(lanes, bits) else @bitCast(bits);
        }
    };
}
