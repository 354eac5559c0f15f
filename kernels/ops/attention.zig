//! Attention of grouped queries, without a tokens x tokens matrix. Keys are cut into chunks at fixed
//! positions; each chunk is turned for the innermost loop once for a block of query rows, which take
//! it strip by strip. Chunks are joined from left to right, in one go or, where few queries see many
//! keys, from parts that several threads made: with the same bits.
const std = @import("std");
const simd = @import("../simd.zig");
const tile = @import("register_tile.zig");
const strips = @import("attention_strip.zig");
const bytes = @import("attention_bytes.zig");
const layout = @import("../cache_layout.zig");
const Floats = @import("attention_floats.zig").Floats;
const Bytes = bytes.Bytes;
const formats = @import("../quant/formats.zig");
const table = @import("../table.zig");
const attention_parts = @import("../attention_parts.zig");
const AttentionParts = attention_parts.AttentionParts;
const Job = table.Attention;
const Row = strips.Row;
const lanes = simd.lanes;
const chunk_size = attention_parts.chunk_size;

/// Query rows that share a turned chunk.
const block_rows = 192;

const Workspace = struct {
    rows: [block_rows]Row,
    count: usize,
    queries: [*]f32,
    sums: [*]f32,
    scores: [*]f32,
    /// A chunk's, turned or widened.
    keys: [*]f32,
    /// A chunk's, widened, or a strip's weights as words.
    values: [*]f32,
};

comptime {
    std.debug.assert(bytes.weights_size <= chunk_size * 16);
}

/// Floats of one part of a row's attention: its sums, the highest exponent and the total.
pub fn partSize(job: *const Job) callconv(.c) usize {
    return job.padded_dim + 16;
}

pub fn scratchSize(job: *const Job) callconv(.c) usize {
    const dim: usize = job.padded_dim;
    return std.mem.alignForward(usize, @sizeOf(Workspace), 64) +
        (2 * block_rows * dim + strips.scores_size + 2 * chunk_size * dim) * 4;
}

fn workspace(job: *const Job, scratch: table.Scratch) *Workspace {
    const space: *Workspace = @ptrCast(scratch);
    const dim: usize = job.padded_dim;
    const base: [*]f32 = @ptrCast(@alignCast(scratch + std.mem.alignForward(usize, @sizeOf(Workspace), 64)));
    space.queries = base;
    space.sums = space.queries + block_rows * dim;
    space.scores = space.sums + block_rows * dim;
    space.keys = space.scores + strips.scores_size;
    space.values = space.keys + chunk_size * dim;
    return space;
}

/// Tokens [begin, end) of one KV head, all query heads of its group.
pub fn run(job: *const Job, kv_head: u32, begin: u32, end: u32, scratch: table.Scratch) callconv(.c) void {
    const space = workspace(job, scratch);
    const group = job.heads / job.kv_heads;
    const total = @as(usize, end - begin) * group;
    var done: usize = 0;
    while (done < total) : (done += block_rows) {
        const from = @as(usize, begin) * group + done;
        fill(job, space, kv_head, from, @min(block_rows, total - done));
        const first, const last = seen(space);
        var start = first / chunk_size * chunk_size;
        while (start < last) : (start += chunk_size) chunk(job, space, kv_head, start, last);
        for (space.rows[0..space.count], from..) |row, index| {
            write(job, outputOf(job, kv_head, index), space.sums + (index - from) * job.padded_dim, row.total);
        }
    }
}

/// The same of the keys in chunks [first, last), each for itself, to the job's parts:
/// [rows of all heads][chunks].
pub fn runParts(
    job: *const Job,
    parts: *const AttentionParts,
    kv_head: u32,
    first: u32,
    last: u32,
    scratch: table.Scratch,
) callconv(.c) void {
    const space = workspace(job, scratch);
    const group = job.heads / job.kv_heads;
    const total = @as(usize, job.tokens) * group;
    const dim: usize = job.padded_dim;
    var done: usize = 0;
    while (done < total) : (done += block_rows) {
        const count = @min(block_rows, total - done);
        fill(job, space, kv_head, done, count);
        _, const end = seen(space);
        for (first..last) |index| {
            chunk(job, space, kv_head, index * chunk_size, end);
            for (space.rows[0..count], 0..) |*row, r| {
                takePart(job, row, space.sums + r * dim, partOf(job, parts, kv_head, done + r, index - parts.first));
            }
        }
    }
}

/// Moves a row's sums to a part; the row begins anew.
fn takePart(job: *const Job, row: *Row, sums: [*]f32, part: [*]f32) void {
    const dim: usize = job.padded_dim;
    @memcpy(part[0..dim], sums[0..dim]);
    @memset(sums[0..dim], 0);
    part[dim] = row.highest;
    part[dim + 1] = row.total;
    row.* = .{ .first = row.first, .end = row.end, .unit = row.unit };
}

/// Rows [begin, end) of all heads from their parts.
pub fn joinParts(job: *const Job, parts: *const AttentionParts, begin: u32, end: u32) callconv(.c) void {
    const dim: usize = job.padded_dim;
    const group = job.heads / job.kv_heads;
    const rows = job.tokens * group;
    for (begin..end) |index| {
        const kv_head = index / rows;
        const sums = partOf(job, parts, kv_head, index % rows, 0);
        var row: Row = .{ .first = 0, .end = 0, .highest = sums[dim], .total = sums[dim + 1] };
        for (1..parts.chunks) |i| {
            const part = partOf(job, parts, kv_head, index % rows, i);
            const factors = strips.join(&row, part[dim], part[dim + 1]);
            var d: usize = 0;
            while (d < dim) : (d += lanes) {
                simd.store(sums + d, strips.joinVector(simd.load(sums + d), simd.load(part + d), factors));
            }
        }
        write(job, outputOf(job, kv_head, index % rows), sums, row.total);
    }
}

fn partOf(job: *const Job, parts: *const AttentionParts, kv_head: usize, row: usize, index: usize) [*]f32 {
    const rows = @as(usize, job.tokens) * (job.heads / job.kv_heads);
    return parts.memory + ((kv_head * rows + row) * parts.chunks + index) * partSize(job);
}

fn write(job: *const Job, output: [*]f32, sums: [*]const f32, total: f32) void {
    const inverse = 1 / total;
    var d: usize = 0;
    while (d + lanes <= job.head_dim) : (d += lanes) {
        simd.store(output + d, simd.load(sums + d) * simd.splat(inverse));
    }
    while (d < job.head_dim) : (d += 1) output[d] = sums[d] * inverse;
}

/// Rows of a KV head are its group's queries, token by token.
fn outputOf(job: *const Job, kv_head: usize, row: usize) [*]f32 {
    const group = job.heads / job.kv_heads;
    const head = kv_head * group + row % group;
    return job.output.? + row / group * job.output_stride + head * headStride(job.output_head_stride, job);
}

fn headStride(given: u32, job: *const Job) usize {
    return if (given == 0) job.head_dim else given;
}

/// Rows [from, from + count) of the KV head: queries in strips, nothing summed yet.
fn fill(job: *const Job, space: *Workspace, kv_head: usize, from: usize, count: usize) void {
    const dim: usize = job.padded_dim;
    const group = job.heads / job.kv_heads;
    space.count = count;
    @memset(space.sums[0 .. count * dim], 0);
    for (space.rows[0..count], from..) |*row, index| {
        const head = kv_head * group + index % group;
        const token = index / group;
        const end = if (job.visible == 0) job.position + token + 1 else job.visible;
        row.* = .{ .first = if (job.window == 0) 0 else end -| job.window, .end = end };
        const source = job.query.? + token * job.query_stride + head * headStride(job.query_head_stride, job);
        const r = index - from;
        const strip = space.queries + r / strips.rows_max * strips.rows_max * dim;
        if (job.cache_type == @intFromEnum(table.CacheType.q8_0)) {
            row.unit = bytes.storeQuery(source[0..job.head_dim], dim, strip, r % strips.rows_max);
        } else for (source[0..job.head_dim], 0..) |x, d| strip[d * strips.rows_max + r % strips.rows_max] = x;
    }
}

/// First position and end of what any row sees.
fn seen(space: *const Workspace) struct { usize, usize } {
    var first = space.rows[0].first;
    var end: usize = 0;
    for (space.rows[0..space.count]) |row| {
        first = @min(first, row.first);
        end = @max(end, row.end);
    }
    return .{ first, end };
}

/// The chunk of keys at `start`, up to `end`, for all rows.
fn chunk(job: *const Job, space: *Workspace, kv_head: usize, start: usize, end: usize) void {
    if (start >= end) return;
    const given: strips.Chunk = .{
        .start = start,
        .count = @min(chunk_size, end - start),
        .head_dim = job.head_dim,
        .dim = job.padded_dim,
        .scale = job.scale * std.math.log2e,
    };
    const at = (kv_head * job.capacity + start) * job.padded_dim;
    switch (@as(table.CacheType, @enumFromInt(job.cache_type))) {
        .f32 => plainChunk(job, space, given, at),
        .f16 => halfChunk(job, space, given, at),
        .q8_0 => bytesChunk(job, space, given, kv_head),
    }
}

/// Plain rows of f32: keys are turned here.
fn plainChunk(job: *const Job, space: *Workspace, given: strips.Chunk, at: usize) void {
    const keys = @as([*]const f32, @ptrCast(@alignCast(job.keys.?))) + at;
    const values = @as([*]const f32, @ptrCast(@alignCast(job.values.?))) + at;
    turn(keys, given.count, given.dim, space.keys);
    eachStrip(space, given, Floats(f32){ .keys = space.keys, .values = values });
}

/// Half floats, the keys of which the cache keeps turned.
fn halfChunk(job: *const Job, space: *Workspace, given: strips.Chunk, at: usize) void {
    const keys = @as([*]const f16, @ptrCast(@alignCast(job.keys.?))) + at;
    const values = @as([*]const f16, @ptrCast(@alignCast(job.values.?))) + at;
    if (space.count <= strips.rows_max) {
        return eachStrip(space, given, Floats(f16){ .keys = keys, .values = values });
    }
    // Several strips read what was widened once.
    const turned = std.mem.alignForward(usize, given.count, layout.block);
    formats.dequantizeRow(lanes, .f16, @ptrCast(keys), turned * given.dim, space.keys);
    formats.dequantizeRow(lanes, .f16, @ptrCast(values), given.count * given.dim, space.values);
    eachStrip(space, given, Floats(f32){ .keys = space.keys, .values = space.values });
}

fn bytesChunk(job: *const Job, space: *Workspace, given: strips.Chunk, kv_head: usize) void {
    const keys = layout.byteHead(@constCast(job.keys.?), kv_head, job.capacity, given.dim);
    const values = layout.byteHead(@constCast(job.values.?), kv_head, job.capacity, given.dim);
    eachStrip(space, given, Bytes{
        .keys = keys.bytes + given.start * given.dim,
        .values = values.bytes + given.start * given.dim,
        .key_scales = keys.scales + given.start,
        .value_scales = values.scales + given.start,
        .weights = @ptrCast(space.values),
    });
}

/// [count][dim] to [blocks][dim][layout.block]; past the end the last key again.
fn turn(keys: [*]const f32, count: usize, dim: usize, output: [*]f32) void {
    var first: usize = 0;
    while (first < count) : (first += lanes) {
        const block = output + first / layout.block * layout.block * dim + first % layout.block;
        var d: usize = 0;
        while (d < dim) : (d += lanes) {
            var square: [lanes]simd.V = undefined;
            inline for (&square, 0..) |*row, r| row.* = simd.load(keys + @min(first + r, count - 1) * dim + d);
            inline for (simd.transpose(square), 0..) |column, i| {
                simd.store(block + (d + i) * layout.block, column);
            }
        }
    }
}

fn eachStrip(space: *Workspace, given: strips.Chunk, source: anytype) void {
    var first: usize = 0;
    while (first < space.count) : (first += strips.rows_max) {
        const strip: strips.Strip = .{
            .rows = space.rows[first..@min(space.count, first + strips.rows_max)],
            .queries = space.queries + first * given.dim,
            .sums = space.sums + first * given.dim,
            .scores = space.scores,
        };
        strips.run(strip, given, source);
    }
}
