//! The innermost loop of the f32 matrix products: a tile of sums in registers, to which each step of
//! k adds a column of A times a row of B. Every sum takes its products one by one in the order of k,
//! so it has the same bits in a tile of any size.
const builtin = @import("builtin");
const float16 = @import("../quant/float16.zig");
const simd = @import("../simd.zig");
const V = simd.V;
const lanes = simd.lanes;

/// The largest tile: `rows` by `vectors` vectors. All registers but those of the operands: 32 with
/// AVX-512 and NEON, 16 elsewhere.
pub const rows = if (lanes == 16 or builtin.cpu.arch == .aarch64) 12 else 6;
pub const vectors = 2;

pub fn Sums(comptime m: usize, comptime n: usize) type {
    return [m][n]V;
}

pub fn zero(comptime m: usize, comptime n: usize) Sums(m, n) {
    return @splat(@splat(simd.splat(0)));
}

/// sums[i][j] += a[i * a_row + k * a_step] * b[j][k * b_step ..][0..lanes] for k in [0, count), b of
/// f32 or f16. Meanwhile as many bytes of what will be read next are fetched, from `ahead` on.
pub inline fn multiply(
    comptime m: usize,
    comptime n: usize,
    comptime T: type,
    a: [*]const f32,
    comptime a_row: usize,
    a_step: usize,
    b: [n][*]const T,
    b_step: usize,
    count: usize,
    sums: *Sums(m, n),
    ahead: ?[*]const u8,
) void {
    var acc = sums.*;
    for (0..count) |k| {
        if (ahead) |next| simd.fetch(next + k * n * lanes * @sizeOf(T), n * lanes * @sizeOf(T));
        var row: [n]V = undefined;
        inline for (0..n) |j| row[j] = load(T, b[j] + k * b_step);
        inline for (0..m) |i| {
            const x = simd.splat(a[i * a_row + k * a_step]);
            inline for (0..n) |j| acc[i][j] = simd.mulAdd(V, x, row[j], acc[i][j]);
        }
    }
    sums.* = acc;
}

/// One vector, as f32.
pub inline fn load(comptime T: type, source: [*]const T) V {
    if (T == f32) return simd.load(source);
    const bits: *align(2) const @Vector(lanes, u16) = @ptrCast(source);
    return float16.halfToFloat(lanes, bits.*);
}
