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
/// Rows that are fetched before they are copied.
const ahead = 8;

pub const shape: blocks.Tile = .{ .rows = mr, .columns = nr, .depth = 256 };

/// Rows of A, all strips.
pub fn packA(job: *const Gemm, block: *const Packed) callconv(.c) void {
    const source: Source = .{
        .start = at(job.a.?, job.a_stride, job.a_transposed != 0, block.row, block.depth),
        .stride = job.a_stride,
        .count = block.rows,
        .k = block.k,
    };
    const strips = std.math.divCeil(usize, block.rows, mr) catch unreachable;
    if (job.a_transposed != 0) copy(mr, source, block.a, 0, strips) else turn(mr, source, block.a, 0, strips);
}

/// Strips [begin, end) of B.
pub fn packB(job: *const Gemm, block: *const Packed, begin: usize, end: usize) callconv(.c) void {
    const source: Source = .{
        .start = at(job.b.?, job.b_stride, job.b_transposed == 0, block.column, block.depth),
        .stride = job.b_stride,
        .count = block.columns,
        .k = block.k,
    };
    if (job.b_transposed == 0) copy(nr, source, block.b, begin, end) else turn(nr, source, block.b, begin, end);
}

/// A part of a matrix: `count` rows of A or columns of B, each with its `k` values.
const Source = struct { start: [*]const f32, stride: usize, count: usize, k: usize };

/// Where row or column `first` begins at `k`, in a matrix that lies as [k][count] or [count][k].
fn at(matrix: [*]const f32, stride: usize, k_first: bool, first: usize, k: usize) [*]const f32 {
    return if (k_first) matrix + k * stride + first else matrix + first * stride + k;
}

/// Strips of a matrix that lies as [k][count]: their rows are parts of its rows.
fn copy(comptime width: usize, source: Source, target: [*]f32, begin: usize, end: usize) void {
    const pitch = blocks.Tile.pitch(width, source.k);
    const whole = @min(end, source.count / width);
    for (0..source.k) |k| {
        const row = source.start + k * source.stride;
        for (begin..whole) |strip| {
            // Rows may be pages apart, where the CPU does not fetch ahead.
            inline for (0..width * 4 / 64 + 1) |line| @prefetch(row + ahead * source.stride + strip * width + 16 * line, .{});
            target[strip * pitch + k * width ..][0..width].* = row[strip * width ..][0..width].*;
        }
        if (whole < end) {
            const place = target + whole * pitch + k * width;
            const given = source.count - whole * width;
            @memcpy(place[0..given], row[whole * width ..][0..given]);
            @memset(place[given..width], 0);
        }
    }
}

/// Strips of a matrix that lies as [count][k]: its rows become columns, `lanes` of k at a time; rows past
/// the end repeat the last.
fn turn(comptime width: usize, source: Source, target: [*]f32, begin: usize, end: usize) void {
    const whole = source.k / lanes * lanes;
    for (begin..end) |strip| {
        const place = target + strip * blocks.Tile.pitch(width, source.k);
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
                    const to = place + (k + p) * width + first;
                    // What is too much is written over by what follows, or lies between strips.
                    if (width <= lanes or height == lanes) simd.store(to, column) else {
                        const values: [lanes]f32 = column;
                        to[0..height].* = values[0..height].*;
                    }
                }
            }
        }
        for (whole..source.k) |k| {
            for (0..width) |r| place[k * width + r] = rows[@min(r, last) * source.stride + k];
        }
    }
}

/// C's tiles: the packed rows by strips [begin, end) of B.
pub fn multiply(job: *const Gemm, block: *const Packed, begin: usize, end: usize) callconv(.c) void {
    const row_strips = std.math.divCeil(usize, block.rows, mr) catch unreachable;
    var fetch: Fetch = .init(block.next, row_strips * (end - begin));
    var first = begin;
    while (first < end) : (first += column_strips) {
        const last = @min(end, first + column_strips);
        for (0..row_strips) |i| {
            const left = block.rows - i * mr;
            for (first..last) |j| {
                fetch.some();
                // The last columns, as adapters of rank 16 have no others, in a tile of half the width.
                if (block.columns - j * nr > lanes) {
                    tileOf(tile.vectors, left, job, block, i, j);
                } else tileOf(1, left, job, block, i, j);
            }
        }
    }
}

/// The last rows in the smallest tile that holds them.
inline fn tileOf(
    comptime vectors: usize,
    left: usize,
    job: *const Gemm,
    block: *const Packed,
    i: usize,
    j: usize,
) void {
    if (left > mr * 2 / 3) {
        oneTile(mr, vectors, job, block, i, j);
    } else if (left > mr / 3) {
        oneTile(mr * 2 / 3, vectors, job, block, i, j);
    } else oneTile(mr / 3, vectors, job, block, i, j);
}

/// Fetches rows into the second-level cache, so many lines with each tile.
const Fetch = struct {
    rows: blocks.Rows,
    each: usize,
    row: usize = 0,
    line: usize = 0,

    fn init(rows: blocks.Rows, tiles: usize) Fetch {
        const each = std.math.divCeil(usize, rows.count * rows.lines, tiles) catch unreachable;
        return .{ .rows = rows, .each = each };
    }

    inline fn some(self: *Fetch) void {
        for (0..self.each) |_| {
            if (self.row == self.rows.count) return;
            @prefetch(self.rows.start.? + self.row * self.rows.stride + self.line * 16, .{ .locality = 2 });
            self.line += 1;
            if (self.line < self.rows.lines) continue;
            self.line = 0;
            self.row += 1;
        }
    }
};

fn oneTile(
    comptime rows: usize,
    comptime vectors: usize,
    job: *const Gemm,
    block: *const Packed,
    i: usize,
    j: usize,
) void {
    const most = vectors * lanes;
    const stride: usize = job.c_stride;
    const c = job.c.? + (block.row + i * mr) * stride + block.column + j * nr;
    const height: usize = @min(rows, block.rows - i * mr);
    const width: usize = @min(most, block.columns - j * nr);
    const first = block.depth == 0 and job.accumulate == 0;
    if (height < rows or width < most) {
        const sums = tileSums(rows, vectors, block, i, j);
        return edge(rows, vectors, &sums, c, stride, height, width, first);
    }
    // Sums that are only stored here stay in registers.
    inline for (0..rows) |r| @prefetch(c + r * stride, .{});
    const sums = tileSums(rows, vectors, block, i, j);
    inline for (0..rows) |r| inline for (0..vectors) |v| {
        const place = c + r * stride + v * lanes;
        simd.store(place, if (first) sums[r][v] else simd.load(place) + sums[r][v]);
    };
}

inline fn tileSums(
    comptime rows: usize,
    comptime vectors: usize,
    block: *const Packed,
    i: usize,
    j: usize,
) tile.Sums(rows, vectors) {
    const b = block.b + j * blocks.Tile.pitch(nr, block.k);
    var columns: [vectors][*]const f32 = undefined;
    inline for (&columns, 0..) |*column, v| column.* = b + v * lanes;
    var sums = tile.zero(rows, vectors);
    const a = block.a + i * blocks.Tile.pitch(mr, block.k);
    tile.multiply(rows, vectors, f32, a, 1, mr, columns, nr, block.k, &sums, null);
    return sums;
}

fn edge(
    comptime rows: usize,
    comptime vectors: usize,
    sums: *const tile.Sums(rows, vectors),
    c: [*]f32,
    stride: usize,
    height: usize,
    width: usize,
    first: bool,
) void {
    const values: *const [rows][vectors * lanes]f32 = @ptrCast(sums);
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
        var space: [2][2 * blocks.Tile.pitch(@as(usize, @max(mr, nr)), k)]f32 = undefined;
        const block: Packed = .{ .a = &space[0], .b = &space[1], .row = 0, .rows = m, .column = 0, .columns = n, .depth = 0, .k = k };
        const strips = (n + nr - 1) / nr;
        packA(&job, &block);
        packB(&job, &block, 0, strips);
        multiply(&job, &block, 0, strips);
        for (0..m) |i| for (0..n) |j| {
            var truth: f64 = 0;
            for (0..k) |p| truth += @as(f64, a[i * k + p]) * b[p * n + j];
            try std.testing.expectApproxEqAbs(truth, @as(f64, c[i * n + j]), 1e-4);
        };
    }
}
