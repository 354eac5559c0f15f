//! Writes the outputs of a tile of 16 rows: what all products of interleaved weights end with.
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const tiles = @import("../quant/tiles.zig");
const Product = table.Product;
const V = simd.V;

const lanes = simd.lanes;
/// Vectors of one tile's rows.
pub const parts = tiles.rows / lanes;

/// output (+)= scale * (total + bias) for `count` rows from `row`.
pub inline fn write(job: *const Product, token: usize, row: usize, count: usize, totals: *const [parts]V) void {
    const output = job.output.? + token * job.output_stride + row;
    if (count == tiles.rows) return inline for (0..parts) |part| {
        const place = output + part * lanes;
        const bias = if (job.bias) |bias| simd.load(bias + row + part * lanes) else simd.splat(0);
        simd.store(place, finish(V, job, totals[part] + bias, simd.load(place)));
    };
    const values: [tiles.rows]f32 = @bitCast(totals.*);
    for (output[0..count], values[0..count], row..) |*place, value, r| {
        const bias = if (job.bias) |bias| bias[r] else 0;
        place.* = finish(@Vector(1, f32), job, .{value + bias}, .{place.*})[0];
    }
}

inline fn finish(comptime T: type, job: *const Product, sum: T, held: T) T {
    const scaled = sum * @as(T, @splat(job.scale));
    return if (job.accumulate != 0) held + scaled else scaled;
}
