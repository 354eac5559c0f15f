//! Products of f32 rows with a matrix that was packed once as bf16: pairs of k side by side, as
//! AVX512_BF16 multiplies and adds them, twice as many in an instruction as f32 has. Sums are f32, taken
//! pair by pair in the order of k. Without that instruction the same pairs are widened and summed in f32.
const std = @import("std");
const builtin = @import("builtin");
const simd = @import("../simd.zig");
const tile = @import("register_tile.zig");
const float16 = @import("../quant/float16.zig");
const jobs = @import("../training_table.zig");
const bf16 = @import("../bf16_block.zig");
const Block = bf16.Block;
const Job = jobs.Bf16Product;
const V = simd.V;
const lanes = simd.lanes;
const U = @Vector(lanes, u32);

/// Whether this level has CPUs with the instruction.
pub const has_native = lanes == 16 and builtin.cpu.arch == .x86_64;

const mr = bf16.rows(lanes);
const vectors = 2;
/// Columns of a strip that one tile has.
const nr = vectors * lanes;
/// Strips that stay in the second-level cache while all rows pass.
const strips_at_once = 8;

/// Strips [begin, end) of B as bf16.
pub fn packB(job: *const jobs.Bf16Matrix, begin: u32, end: u32) callconv(.c) void {
    const pairs = bf16.pairs(job.k);
    const source = job.source.?;
    const row, const column = if (job.transposed != 0)
        .{ 1, @as(usize, job.stride) }
    else
        .{ @as(usize, job.stride), 1 };
    for (begin..end) |strip| {
        const place = job.output.? + strip * pairs * bf16.width;
        const first = strip * bf16.width;
        const given = @min(bf16.width, job.n - first);
        for (0..pairs) |pair| {
            const to = place[pair * bf16.width ..][0..bf16.width];
            const from = source + 2 * pair * row + first * column;
            const whole = 2 * pair + 1 < job.k;
            for (to[0..given], 0..) |*both, j| {
                const value = from + j * column;
                both.* = join(value[0], if (whole) value[row] else 0);
            }
            @memset(to[given..], 0);
        }
    }
}

/// Rows of A, of a part of k, as bf16.
pub fn packA(job: *const Job, block: *const Block) callconv(.c) void {
    for (0..block.rows) |i| {
        const from = job.a.? + (block.row + i) * job.a_stride + 2 * block.pair;
        const to = block.a + i * bf16.pitch;
        const count = @min(2 * block.pairs, job.k - 2 * block.pair);
        var k: usize = 0;
        while (k + 2 * lanes <= count) : (k += 2 * lanes) {
            const values: @Vector(2 * lanes, f32) = from[k..][0 .. 2 * lanes].*;
            to[k / 2 ..][0..lanes].* = @as(U, @bitCast(float16.BF16.narrow(2 * lanes, values)));
        }
        while (k < count) : (k += 2) to[k / 2] = join(from[k], if (k + 1 < count) from[k + 1] else 0);
    }
}

fn join(low: f32, high: f32) u32 {
    return @bitCast(float16.BF16.narrow(2, .{ low, high }));
}

/// The packed rows by strips [begin, end) of B.
pub fn multiply(job: *const Job, block: *const Block, begin: usize, end: usize) callconv(.c) void {
    Tiles(false).run(job, block, begin, end);
}

/// The same by the CPU's own instruction.
pub fn multiplyNative(job: *const Job, block: *const Block, begin: usize, end: usize) callconv(.c) void {
    Tiles(true).run(job, block, begin, end);
}

fn Tiles(comptime native: bool) type {
    return struct {
        fn run(job: *const Job, block: *const Block, begin: usize, end: usize) void {
            const row_strips = std.math.divCeil(usize, block.rows, mr) catch unreachable;
            var first = begin;
            while (first < end) : (first += strips_at_once) {
                const last = @min(end, first + strips_at_once);
                for (0..row_strips) |i| {
                    const left = block.rows - i * mr;
                    for (first..last) |strip| inline for (0..bf16.width / nr) |part| {
                        const column = strip * bf16.width + part * nr;
                        // The last rows in the smallest tile that holds them.
                        if (left > mr * 2 / 3) {
                            one(mr, job, block, i * mr, column);
                        } else if (left > mr / 3) {
                            one(mr * 2 / 3, job, block, i * mr, column);
                        } else one(mr / 3, job, block, i * mr, column);
                    };
                }
            }
        }

        fn one(comptime rows: usize, job: *const Job, block: *const Block, row: usize, column: usize) void {
            if (column >= job.n) return;
            const stride: usize = job.c_stride;
            const c = job.c.? + (block.row + row) * stride + column;
            const height: usize = @min(rows, block.rows - row);
            const width: usize = @min(nr, job.n - column);
            const first = block.pair == 0 and job.accumulate == 0;
            if (height < rows or width < nr) {
                const sums = tileSums(rows, job, block, row, column);
                return edge(rows, &sums, c, stride, height, width, first);
            }
            // Sums that are only stored here stay in registers.
            inline for (0..rows) |r| @prefetch(c + r * stride, .{});
            const sums = tileSums(rows, job, block, row, column);
            inline for (0..rows) |r| inline for (0..vectors) |v| {
                const place = c + r * stride + v * lanes;
                simd.store(place, if (first) sums[r][v] else simd.load(place) + sums[r][v]);
            };
        }

        inline fn tileSums(
            comptime rows: usize,
            job: *const Job,
            block: *const Block,
            row: usize,
            column: usize,
        ) tile.Sums(rows, vectors) {
            const strip = column / bf16.width * bf16.pairs(job.k) + block.pair;
            const b = job.b.? + strip * bf16.width + column % bf16.width;
            const a = block.a + row * bf16.pitch;
            var sums = tile.zero(rows, vectors);
            for (0..block.pairs) |pair| {
                var columns: [vectors]U = undefined;
                inline for (&columns, 0..) |*pairs, v| pairs.* = b[pair * bf16.width + v * lanes ..][0..lanes].*;
                inline for (0..rows) |r| {
                    const x: U = @splat(a[r * bf16.pitch + pair]);
                    inline for (0..vectors) |v| sums[r][v] = dot(native, sums[r][v], x, columns[v]);
                }
            }
            return sums;
        }
    };
}

/// sum + both products of each lane's pairs.
inline fn dot(comptime native: bool, sum: V, x: U, y: U) V {
    if (native) {
        return asm ("vdpbf16ps %[y], %[x], %[sum]"
            : [sum] "=v" (-> V),
            : [x] "v" (x),
              [y] "v" (y),
              [before] "0" (sum),
        );
    }
    const low = simd.mulAdd(V, lower(x), lower(y), sum);
    return simd.mulAdd(V, upper(x), upper(y), low);
}

inline fn lower(pairs: U) V {
    return @bitCast(pairs << @splat(16));
}

inline fn upper(pairs: U) V {
    return @bitCast(pairs & @as(U, @splat(0xffff_0000)));
}

fn edge(
    comptime rows: usize,
    sums: *const tile.Sums(rows, vectors),
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

test "products equal f64 of what bf16 keeps within rounding, in every order of packing" {
    const cpu = @import("../cpu.zig");
    inline for (.{ .{ 1, 1, 1 }, .{ mr + 1, 33, 7 }, .{ 2 * mr - 1, 64, 38 }, .{ mr / 3, 5, 3 } }) |size| {
        const m, const n, const k = size;
        var random = std.Random.DefaultPrng.init(7);
        var a: [m * k]f32 = undefined;
        var b: [k * n]f32 = undefined;
        var turned: [k * n]f32 = undefined;
        for (&a) |*x| x.* = random.random().floatNorm(f32);
        for (0..k) |p| for (0..n) |j| {
            b[p * n + j] = random.random().floatNorm(f32);
            turned[j * k + p] = b[p * n + j];
        };
        var matrices: [2][bf16.size(k, n)]u32 = undefined;
        const strips = comptime bf16.size(k, n) / bf16.pairs(k) / bf16.width;
        packB(&.{ .source = &b, .output = &matrices[0], .k = k, .n = n, .stride = n, .transposed = 0 }, 0, strips);
        packB(&.{ .source = &turned, .output = &matrices[1], .k = k, .n = n, .stride = k, .transposed = 1 }, 0, strips);
        try std.testing.expectEqualSlices(u32, &matrices[0], &matrices[1]);
        var rows: [(m + mr) * bf16.pitch]u32 = @splat(0);
        const block: Block = .{ .a = &rows, .row = 0, .rows = m, .pair = 0, .pairs = bf16.pairs(k) };
        for ([_]bool{ false, true }) |native| {
            if (native and !(has_native and cpu.hasBf16())) continue;
            var c: [m * n]f32 = undefined;
            const job: Job = .{ .a = &a, .b = &matrices[0], .c = &c, .m = m, .n = n, .k = k, .a_stride = k, .c_stride = n, .accumulate = 0 };
            packA(&job, &block);
            if (native) multiplyNative(&job, &block, 0, strips) else multiply(&job, &block, 0, strips);
            for (0..m) |i| for (0..n) |j| {
                var truth: f64 = 0;
                for (0..k) |p| truth += kept(a[i * k + p]) * kept(b[p * n + j]);
                try std.testing.expectApproxEqAbs(truth, @as(f64, c[i * n + j]), 1e-4);
            };
        }
    }
}

fn kept(x: f32) f64 {
    return lower(@splat(join(x, 0)))[0];
}
