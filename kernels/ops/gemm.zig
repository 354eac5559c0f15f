//! General f32 matrix product C = A x B, blocked for the caches after Goto and van de Geijn: strips
//! of A and B are packed so that the innermost loop reads both in order. kernels/gemm.zig cuts the
//! product into blocks and deals them out.
const std = @import("std");
const simd = @import("../simd.zig");
const tile = @import("register_tile.zig");
const table = @import("../table.zig");
const blocks = @import("../packed.zig");
const Gemm = table.Gemm;
const Packed = blocks.Packed;
const V = simd.V;
const lanes = simd.lanes;

const mr = tile.rows;
const nr = tile.vectors * lanes;
/// Columns of B, in strips, that stay in the second-level cache while all rows of A pass.
const column_strips = 8;
/// Strips that are filled side by side from rows that run through all of them.
const copied_strips = 4;

pub const shape: blocks.Tile = .{ .rows = mr, .columns = nr, .depth = 256 };

/// Strips [begin, end) of the block: A's first, then B's.
pub fn pack(job: *const Gemm, block: *const Packed, begin: usize, end: usize) callconv(.c) void {
    const a_strips = std.math.divCeil(usize, block.rows, mr) catch unreachable;
    const a: Source = .{
        .start = at(job.a.?, job.a_stride, job.a_transposed != 0, block.row, block.depth),
        .stride = job.a_stride,
        .count = block.rows,
        .k = block.k,
    };
    const b: Source = .{
        .start = at(job.b.?, job.b_stride, job.b_transposed == 0, block.column, block.depth),
        .stride = job.b_stride,
        .count = block.columns,
        .k = block.k,
    };
    const a_begin, const a_end = .{ @min(begin, a_strips), @min(end, a_strips) };
    if (job.a_transposed != 0) copy(mr, a, block.a, a_begin, a_end) else turn(mr, a, block.a, a_begin, a_end);
    const b_begin, const b_end = .{ begin -| a_strips, end -| a_strips };
    if (job.b_transposed == 0) copy(nr, b, block.b, b_begin, b_end) else turn(nr, b, block.b, b_begin, b_end);
}

/// A block's part of a matrix: `count` rows of A or columns of B, each with its `k` values.
const Source = struct { start: [*]const f32, stride: usize, count: usize, k: usize };

/// Where row or column `first` begins at `k`, in a matrix that lies as [k][count] or [count][k].
fn at(matrix: [*]const f32, stride: usize, k_first: bool, first: usize, k: usize) [*]const f32 {
    return if (k_first) matrix + k * stride + first else matrix + first * stride + k;
}

/// Strips of a matrix that lies as [k][count]: their rows are parts of its rows. Few strips at a time, as
/// those of one k all fall into one set of the first-level cache.
fn copy(comptime width: usize, source: Source, target: [*]f32, begin: usize, end: usize) void {
    var first = begin;
    while (first < end) : (first += copied_strips) {
        for (0..source.k) |k| {
            const row = source.start + k * source.stride;
            for (first..@min(end, first + copied_strips)) |strip| {
                const place = target + (strip * source.k + k) * width;
                const given = @min(width, source.count - strip * width);
                if (given == width) place[0..width].* = row[strip * width ..][0..width].* else {
                    @memcpy(place[0..given], row[strip * width ..][0..given]);
                    @memset(place[given..width], 0);
                }
            }
        }
    }
}

/// Strips of a matrix that lies as [count][k]: its rows become columns, `lanes` of k at a time; rows past
/// the end repeat the last.
fn turn(comptime width: usize, source: Source, target: [*]f32, begin: usize, end: usize) void {
    const whole = source.k / lanes * lanes;
    for (begin..end) |strip| {
        const place = target + strip * width * source.k;
        const rows = source.start + strip * width * source.stride;
        const last = @min(width, source.count - strip * width) - 1;
        comptime var first = 0;
        inline while (first < width) : (first += lanes) {
            const height = @min(lanes, width - first);
            var k: usize = 0;
            while (k < whole) : (k += lanes) {
                var square: [lanes]V = @splat(simd.splat(0));
                inline for (square[0..height], first..) |*row, r| {
                    row.* = simd.load(rows + @min(r, last) * source.stride + k);
                }
                for (0.., simd.transpose(square)) |p, column| {
                    const values: [lanes]f32 = column;
                    place[(k + p) * width + first ..][0..height].* = values[0..height].*;
                }
            }
        }
        for (whole..source.k) |k| {
            for (0..width) |r| place[k * width + r] = rows[@min(r, last) * source.stride + k];
        }
    }
}

/// C's tiles of one part of a block.
pub fn multiply(job: *const Gemm, block: *const Packed, part: *const blocks.Part) callconv(.c) void {
    var first = part.column_begin;
    while (first < part.column_end) : (first += column_strips) {
        const last = @min(part.column_end, first + column_strips);
        for (part.row_begin..part.row_end) |i| {
            const left = block.rows - i * mr;
            // The last rows in the smallest tile that holds them.
            if (left > mr * 2 / 3) {
                for (first..last) |j| oneTile(mr, job, block, i, j);
            } else if (left > mr / 3) {
                for (first..last) |j| oneTile(mr * 2 / 3, job, block, i, j);
            } else for (first..last) |j| oneTile(mr / 3, job, block, i, j);
        }
    }
}

fn oneTile(comptime rows: usize, job: *const Gemm, block: *const Packed, i: usize, j: usize) void {
    const stride: usize = job.c_stride;
    const c = job.c.? + (block.row + i * mr) * stride + block.column + j * nr;
    const height: usize = @min(rows, block.rows - i * mr);
    const width: usize = @min(nr, block.columns - j * nr);
    const first = block.depth == 0 and job.accumulate == 0;
    if (height < rows or width < nr) {
        const sums = tileSums(rows, block, i, j);
        return edge(rows, &sums, c, stride, height, width, first);
    }
    // Sums that are only stored here stay in registers.
    inline for (0..rows) |r| @prefetch(c + r * stride, .{});
    const sums = tileSums(rows, block, i, j);
    inline for (0..rows) |r| inline for (0..tile.vectors) |v| {
        const place = c + r * stride + v * lanes;
        simd.store(place, if (first) sums[r][v] else simd.load(place) + sums[r][v]);
    };
}

inline fn tileSums(
    comptime rows: usize,
    block: *const Packed,
    i: usize,
    j: usize,
) tile.Sums(rows, tile.vectors) {
    const b = block.b + j * nr * block.k;
    var columns: [tile.vectors][*]const f32 = undefined;
    inline for (&columns, 0..) |*column, v| column.* = b + v * lanes;
    var sums = tile.zero(rows, tile.vectors);
    tile.multiply(rows, tile.vectors, f32, block.a + i * mr * block.k, 1, mr, columns, nr, block.k, &sums, null);
    return sums;
}

fn edge(
    comptime rows: usize,
    sums: *const tile.Sums(rows, tile.vectors),
    c: [*]f32,
    stride: usize,
    height: usize,
    width: usize,
    first: bool,
) void {
    const values: *const [rows][nr]f32 = @ptrCast(sums);
    for (0..height) |r| {
        for (c[r * stride ..][0..width], values[r][0..width]) |*place, value| {
            place.* = if (first) value else place.* + value;
        }
    }
}

test "a block's tiles equal f64 within rounding, at the edges too" {
    const k = 37;
    inline for (.{ .{ 1, 1 }, .{ mr + 1, nr + 1 }, .{ 2 * mr - 1, 2 * nr }, .{ mr * 2 / 3, lanes } }) |size| {
        const m, const n = size;
        var values: [(m + n) * k + 2 * m * n]f32 = undefined;
        var random = std.Random.DefaultPrng.init(7);
        for (&values) |*x| x.* = random.random().floatNorm(f32);
        const a, const b = .{ values[0 .. m * k], values[m * k ..][0 .. n * k] };
        const c = values[(m + n) * k ..];
        const job: Gemm = .{ .a = a, .b = b, .c = c, .m = m, .n = n, .k = k, .a_stride = k, .b_stride = n, .c_stride = n };
        var space: [(4 * mr + 4 * nr) * k]f32 = undefined;
        const block: Packed = .{ .a = &space, .b = space[2 * mr * k ..], .row = 0, .rows = m, .column = 0, .columns = n, .depth = 0, .k = k };
        const strips = .{ (m + mr - 1) / mr, (n + nr - 1) / nr };
        pack(&job, &block, 0, strips[0] + strips[1]);
        multiply(&job, &block, &.{ .row_begin = 0, .row_end = strips[0], .column_begin = 0, .column_end = strips[1] });
        for (0..m) |i| for (0..n) |j| {
            var truth: f64 = 0;
            for (0..k) |p| truth += @as(f64, a[i * k + p]) * b[p * n + j];
            try std.testing.expectApproxEqAbs(truth, @as(f64, c[i * n + j]), 1e-4);
        };
    }
}
