//! General f32 matrix product C = A x B, blocked for the caches after Goto and van de Geijn: panels
//! of B and A are packed so that the micro-kernel reads both in order, and prefetched.
const std = @import("std");
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const Gemm = table.Gemm;
const V = simd.V;
const lanes = simd.lanes;

/// The micro-kernel's tile of C: `mr` rows by `vectors` vectors, in as many registers as there are.
const mr = if (lanes == 16) 12 else if (lanes == 8) 6 else 8;
const vectors = 2;
const nr = vectors * lanes;
/// k, rows and columns of a packed block: B's strip for one tile stays in the first-level cache,
/// A's block in the second.
const kc = 256;
const mc = 8 * mr;
const nc = 16 * nr;

pub fn scratchSize(_: *const Gemm) callconv(.c) usize {
    return (kc * mc + kc * nc) * 4;
}

/// Columns [begin, end) of C.
pub fn run(job: *const Gemm, begin: u32, end: u32, scratch: table.Scratch) callconv(.c) void {
    const packed_a: [*]f32 = @ptrCast(scratch);
    const packed_b = packed_a + kc * mc;
    var jc: usize = begin;
    while (jc < end) : (jc += nc) {
        const n = @min(nc, end - jc);
        var pc: usize = 0;
        while (pc < job.k) : (pc += kc) {
            const k = @min(kc, job.k - pc);
            packB(job, packed_b, pc, k, jc, n);
            var ic: usize = 0;
            while (ic < job.m) : (ic += mc) {
                const m = @min(mc, job.m - ic);
                packA(job, packed_a, ic, m, pc, k);
                block(job, packed_a, packed_b, ic, m, jc, n, k, pc == 0);
            }
        }
    }
    if (job.k == 0) for (0..job.m) |i| @memset((job.c.? + i * job.c_stride)[begin..end], 0);
}

fn packA(job: *const Gemm, target: [*]f32, ic: usize, m: usize, pc: usize, k: usize) void {
    var i: usize = 0;
    while (i < m) : (i += mr) {
        const strip = target + i * k;
        for (0..mr) |r| {
            const inside = i + r < m;
            const row = job.a.? + (if (inside) ic + i + r else 0) * job.a_stride + pc;
            for (0..k) |p| strip[p * mr + r] = if (inside) row[p] else 0;
        }
    }
}

fn packB(job: *const Gemm, target: [*]f32, pc: usize, k: usize, jc: usize, n: usize) void {
    var j: usize = 0;
    while (j < n) : (j += nr) {
        const strip = target + j * k;
        const width = @min(nr, n - j);
        for (0..k) |p| {
            const row = job.b.? + (pc + p) * job.b_stride + jc + j;
            @memcpy((strip + p * nr)[0..width], row[0..width]);
            @memset((strip + p * nr)[width..nr], 0);
        }
    }
}

fn block(
    job: *const Gemm,
    a: [*]const f32,
    b: [*]const f32,
    ic: usize,
    m: usize,
    jc: usize,
    n: usize,
    k: usize,
    first: bool,
) void {
    var j: usize = 0;
    while (j < n) : (j += nr) {
        var i: usize = 0;
        while (i < m) : (i += mr) {
            var acc: [mr][vectors]V = @splat(@splat(simd.splat(0)));
            micro(a + i * k, b + j * k, k, &acc);
            const c = job.c.? + (ic + i) * job.c_stride + jc + j;
            if (m - i >= mr and n - j >= nr) {
                inline for (0..mr) |r| inline for (0..vectors) |v| {
                    const place = c + r * job.c_stride + v * lanes;
                    simd.store(place, if (first) acc[r][v] else simd.load(place) + acc[r][v]);
                };
            } else edge(job, &acc, c, @min(mr, m - i), @min(nr, n - j), first);
        }
    }
}

inline fn micro(a: [*]const f32, b: [*]const f32, k: usize, sums: *[mr][vectors]V) void {
    var acc = sums.*;
    for (0..k) |p| {
        @prefetch(b + (p + 8) * nr, .{});
        var bv: [vectors]V = undefined;
        inline for (0..vectors) |v| bv[v] = simd.load(b + p * nr + v * lanes);
        inline for (0..mr) |r| {
            const av = simd.splat(a[p * mr + r]);
            inline for (0..vectors) |v| acc[r][v] = simd.mulAdd(V, av, bv[v], acc[r][v]);
        }
    }
    sums.* = acc;
}

fn edge(job: *const Gemm, acc: *const [mr][vectors]V, c: [*]f32, rows: usize, columns: usize, first: bool) void {
    const values: *const [mr][nr]f32 = @ptrCast(acc);
    for (0..rows) |r| {
        for (0..columns) |j| {
            const place = &c[r * job.c_stride + j];
            place.* = if (first) values[r][j] else place.* + values[r][j];
        }
    }
}

test "gemm equals f64 within rounding on odd sizes, and does not depend on the column split" {
    const m = 37;
    const n = 301;
    const k = 533;
    const allocator = std.testing.allocator;
    const a = try allocator.alloc(f32, m * k);
    defer allocator.free(a);
    const b = try allocator.alloc(f32, k * n);
    defer allocator.free(b);
    const c = try allocator.alloc(f32, 2 * m * n);
    defer allocator.free(c);
    const scratch = try allocator.alignedAlloc(u8, .@"64", (kc * mc + kc * nc) * 4);
    defer allocator.free(scratch);
    var random = std.Random.DefaultPrng.init(7);
    for (a) |*x| x.* = random.random().floatNorm(f32);
    for (b) |*x| x.* = random.random().floatNorm(f32);
    var job: Gemm = .{ .a = a.ptr, .b = b.ptr, .c = c.ptr, .m = m, .n = n, .k = k, .a_stride = k, .b_stride = n, .c_stride = n };
    run(&job, 0, n, scratch.ptr);
    for (0..m) |i| {
        for (0..n) |j| {
            var truth: f64 = 0;
            for (0..k) |p| truth += @as(f64, a[i * k + p]) * b[p * n + j];
            try std.testing.expectApproxEqAbs(truth, @as(f64, c[i * n + j]), 1e-3);
        }
    }
    job.c = c.ptr + m * n;
    run(&job, 0, 100, scratch.ptr);
    run(&job, 100, n, scratch.ptr);
    try std.testing.expectEqualSlices(f32, c[0 .. m * n], c[m * n ..]);
}
