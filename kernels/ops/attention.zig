//! Attention of grouped queries over the cache, without a tokens x tokens matrix. Keys are cut at
//! multiples of 256 positions; a query takes each chunk from the chunk's own maximum and combines
//! chunks from left to right. So its result does not depend on the tokens beside it, on how a prompt
//! was cut, or on which thread ran it.
const std = @import("std");
const simd = @import("../simd.zig");
const dot = @import("dot.zig");
const softmax = @import("softmax.zig");
const vector = @import("vector.zig");
const formats = @import("../quant/formats.zig");
const float16 = @import("../quant/float16.zig");
const table = @import("../table.zig");
const Job = table.Attention;
const V = simd.V;
const lanes = simd.lanes;

const chunk_size = 256;
/// Query rows (tokens x heads of a group) that share one pass over a chunk's keys.
const tile_rows = 4;
const tile_keys = 4;

/// One query of the tile: where it is, what it sees, and its running softmax.
const Row = struct {
    query: [*]const f32,
    output: [*]f32,
    /// Positions seen: [first, last].
    first: usize,
    last: usize,
    highest: f32,
    total: f32,
};

const Workspace = struct {
    queries: [*]f32,
    scores: [*]f32,
    sums: [*]f32,
    keys: [*]f32,

    fn init(job: *const Job, scratch: table.Scratch) Workspace {
        const base: [*]f32 = @ptrCast(scratch);
        const dim: usize = job.padded_dim;
        return .{
            .queries = base,
            .scores = base + tile_rows * dim,
            .sums = base + tile_rows * (dim + chunk_size),
            .keys = base + tile_rows * (2 * dim + chunk_size),
        };
    }
};

pub fn scratchSize(job: *const Job) callconv(.c) usize {
    const dim: usize = job.padded_dim;
    return (tile_rows * (2 * dim + chunk_size) + 2 * chunk_size * dim) * 4;
}

/// Tokens [begin, end) of one KV head, all query heads of its group.
pub fn run(job: *const Job, kv_head: u32, begin: u32, end: u32, scratch: table.Scratch) callconv(.c) void {
    const space = Workspace.init(job, scratch);
    const group = job.heads / job.kv_heads;
    const total = @as(usize, end - begin) * group;
    var done: usize = 0;
    while (done < total) : (done += tile_rows) {
        var rows: [tile_rows]Row = undefined;
        const count = @min(tile_rows, total - done);
        for (0..tile_rows) |i| {
            // Rows past the end repeat the last one: computed, not written.
            const index = done + @min(i, count - 1);
            rows[i] = makeRow(job, space, i, begin + index / group, kv_head * group + index % group);
        }
        tile(job, space, kv_head, &rows);
        for (rows[0..count], 0..) |row, i| writeRow(job, row, space.sums + i * job.padded_dim);
    }
}

fn makeRow(job: *const Job, space: Workspace, slot: usize, token: usize, head: usize) Row {
    const dim: usize = job.head_dim;
    const query = space.queries + slot * job.padded_dim;
    const source = job.query.? + token * job.query_stride + head * dim;
    @memcpy(query[0..dim], source[0..dim]);
    @memset(query[dim..job.padded_dim], 0);
    @memset((space.sums + slot * job.padded_dim)[0..job.padded_dim], 0);
    const last = job.position + token;
    const seen: usize = if (job.window == 0) last + 1 else @min(job.window, last + 1);
    return .{
        .query = query,
        .output = job.output.? + token * job.output_stride + head * dim,
        .first = last + 1 - seen,
        .last = last,
        .highest = -std.math.inf(f32),
        .total = 0,
    };
}

fn writeRow(job: *const Job, row: Row, sums: [*]const f32) void {
    const inverse = 1 / row.total;
    for (0..job.head_dim) |d| row.output[d] = sums[d] * inverse;
}

fn tile(job: *const Job, space: Workspace, kv_head: usize, rows: *[tile_rows]Row) void {
    var first = rows[0].first;
    var last = rows[0].last;
    for (rows) |row| {
        first = @min(first, row.first);
        last = @max(last, row.last);
    }
    var start = first / chunk_size * chunk_size;
    while (start <= last) : (start += chunk_size) {
        chunk(job, space, kv_head, rows, start, @min(chunk_size, last + 1 - start));
    }
}

/// Keys [start, start + count) for all rows of the tile.
fn chunk(job: *const Job, space: Workspace, kv_head: usize, rows: *[tile_rows]Row, start: usize, count: usize) void {
    const dim: usize = job.padded_dim;
    const at = (kv_head * job.capacity + start) * dim;
    const keys = cached(job, job.keys.?, at, count * dim, space.keys);
    scores(space, rows, keys, count, dim);
    const values = cached(job, job.values.?, at, count * dim, space.keys + chunk_size * dim);
    for (rows, 0..) |*row, i| {
        if (row.last < start or row.first >= start + count) continue;
        const low = row.first -| start;
        const high = @min(row.last + 1 - start, count);
        combine(job, row, space.scores + i * chunk_size + low, values + low * dim, high - low, space.sums + i * dim);
    }
}

/// The cache as f32: in place, or converted into `buffer`.
fn cached(job: *const Job, cache: [*]const u8, at: usize, count: usize, buffer: [*]f32) [*]const f32 {
    if (job.cache_type == @intFromEnum(table.CacheType.f32)) {
        return @as([*]const f32, @ptrCast(@alignCast(cache))) + at;
    }
    formats.dequantizeRow(lanes, .f16, cache + at * 2, count, buffer);
    return buffer;
}

fn scores(space: Workspace, rows: *const [tile_rows]Row, keys: [*]const f32, count: usize, dim: usize) void {
    var inputs: [tile_rows][*]const f32 = undefined;
    for (rows, 0..) |row, i| inputs[i] = row.query;
    var key: usize = 0;
    while (key + tile_keys <= count) : (key += tile_keys) scoreTile(tile_keys, space, inputs, keys, key, dim);
    while (key < count) : (key += 1) scoreTile(1, space, inputs, keys, key, dim);
}

inline fn scoreTile(
    comptime n: usize,
    space: Workspace,
    inputs: [tile_rows][*]const f32,
    keys: [*]const f32,
    key: usize,
    dim: usize,
) void {
    var weights: [n][*]const f32 = undefined;
    inline for (0..n) |j| weights[j] = keys + (key + j) * dim;
    // Two halves of the tile, so that the sums fit AVX2's 16 registers.
    const mr = if (lanes == 16) tile_rows else tile_rows / 2;
    inline for (0..tile_rows / mr) |part| {
        var sums: dot.Accumulator(mr, n) = @splat(@splat(simd.splat(0)));
        dot.accumulate(mr, n, weights, inputs[part * mr ..][0..mr].*, dim, &sums);
        inline for (0..mr) |i| inline for (0..n) |j| {
            space.scores[(part * mr + i) * chunk_size + key + j] = simd.sumLanes(sums[i][j]);
        };
    }
}

/// Softmax of one row's scores in this chunk, from the chunk's own maximum, and its values, added to
/// what earlier chunks gave.
fn combine(job: *const Job, row: *Row, weights: [*]f32, values: [*]const f32, count: usize, sums: [*]f32) void {
    const dim: usize = job.padded_dim;
    const largest = vector.maximum(weights, count);
    const total = softmax.exponentials(weights, count, job.scale, largest);
    const highest = largest * job.scale;
    const joint = @max(row.highest, highest);
    const old = simd.scalar(simd.exp, row.highest - joint);
    const new = simd.scalar(simd.exp, highest - joint);
    row.highest = joint;
    row.total = row.total * old + total * new;
    var d: usize = 0;
    while (d + 4 * lanes <= dim) : (d += 4 * lanes) weighted(4, weights, values, count, dim, d, sums, old, new);
    while (d < dim) : (d += lanes) weighted(1, weights, values, count, dim, d, sums, old, new);
}

/// sums = sums * old + new * (weights x values), for `n` vectors of the head from dimension d on.
inline fn weighted(
    comptime n: usize,
    weights: [*]const f32,
    values: [*]const f32,
    count: usize,
    dim: usize,
    d: usize,
    sums: [*]f32,
    old: f32,
    new: f32,
) void {
    var acc: [n]V = @splat(simd.splat(0));
    for (0..count) |key| {
        const w = simd.splat(weights[key]);
        inline for (0..n) |j| acc[j] = simd.mulAdd(V, w, simd.load(values + key * dim + d + j * lanes), acc[j]);
    }
    inline for (0..n) |j| {
        const place = sums + d + j * lanes;
        simd.store(place, simd.load(place) * simd.splat(old) + acc[j] * simd.splat(new));
    }
}

/// Tokens [begin, end) into the cache, padded with zeros to whole vectors.
pub fn store(job: *const table.CacheStore, begin: u32, end: u32) callconv(.c) void {
    const dim: usize = job.head_dim;
    const padded: usize = job.padded_dim;
    for (begin..end) |token| {
        for (0..job.kv_heads) |head| {
            const source = job.source.? + token * job.source_stride + head * dim;
            const at = (head * job.capacity + job.position + token) * padded;
            if (job.cache_type == @intFromEnum(table.CacheType.f32)) {
                const place = @as([*]f32, @ptrCast(@alignCast(job.cache.?))) + at;
                @memcpy(place[0..dim], source[0..dim]);
                @memset(place[dim..padded], 0);
            } else {
                const place = job.cache.? + at * 2;
                float16.F16.quantize(source, dim, place);
                @memset(place[dim * 2 .. padded * 2], 0);
            }
        }
    }
}
