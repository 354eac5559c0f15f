//! Steps that take one row after the other, behind the C ABI: norm, rotary embedding, cache store
//! and elementwise operations. Checks their jobs and cuts rows into chunks for the pool.
const std = @import("std");
const checks = @import("checks.zig");
const threads = @import("threads.zig");
const types = @import("table.zig");
const layout = @import("cache_layout.zig");
const Result = checks.Result;
const fieldsAligned = checks.fieldsAligned;

/// Elements that one thread is done with before another would have begun.
pub const alone = 1 << 15;

pub fn checkNorm(job: *const types.Norm) Result {
    if (job.input == null or job.weight == null or job.output == null) return .null_pointer;
    if (job.columns == 0) return .bad_shape;
    if (!fieldsAligned(job, &.{ "input", "weight", "bias", "output" })) return .misaligned;
    return .ok;
}

pub fn checkRope(job: *const types.Rope) Result {
    if (job.values == null or job.cosines == null or job.sines == null) return .null_pointer;
    if (job.rotary == 0 or job.rotary % 2 != 0 or job.rotary > job.head_dim) return .bad_shape;
    if (job.stride < @as(u64, job.heads) * job.head_dim) return .bad_shape;
    if (@as(u64, job.position) + job.tokens > job.capacity) return .bad_shape;
    if (!fieldsAligned(job, &.{ "values", "cosines", "sines" })) return .misaligned;
    return .ok;
}

pub fn checkStore(job: *const types.CacheStore) Result {
    if (job.source == null or job.cache == null) return .null_pointer;
    if (job.keys > 1) return .bad_type;
    const cache = checkCache(job.cache_type, job.capacity, job.head_dim, job.padded_dim);
    if (cache != .ok) return cache;
    if (job.source_stride < @as(u64, job.kv_heads) * job.head_dim) return .bad_shape;
    if (@as(u64, job.position) + job.tokens > job.capacity) return .bad_shape;
    if (!fieldsAligned(job, &.{ "source", "cache" })) return .misaligned;
    return .ok;
}

/// What a cache must be, beside its type, to be laid out as cache_layout.zig tells.
pub fn checkCache(cache_type: u32, capacity: u64, head_dim: u32, padded_dim: u32) Result {
    if (cache_type > @intFromEnum(types.CacheType.q8_0)) return .bad_type;
    const kind: types.CacheType = @enumFromInt(cache_type);
    if (head_dim == 0 or head_dim > padded_dim) return .bad_shape;
    if (kind != .f32 and capacity % layout.block != 0) return .bad_shape;
    if (kind == .q8_0 and (padded_dim > layout.most_dimensions or padded_dim % 16 != 0)) return .bad_shape;
    return .ok;
}

/// Elements of a vector in one chunk.
pub const block = 4096;

pub fn checkVector(job: *const types.Vector) Result {
    if (job.operation > @intFromEnum(types.VectorOperation.swiglu)) return .bad_type;
    const operation: types.VectorOperation = @enumFromInt(job.operation);
    if (job.a == null or job.output == null) return .null_pointer;
    const needs_b = operation == .add or operation == .multiply or operation == .fma or operation == .swiglu;
    if (needs_b and job.b == null or operation == .fma and job.c == null) return .null_pointer;
    if (!fieldsAligned(job, &.{ "a", "b", "c", "output" })) return .misaligned;
    if (job.count > @as(u64, block) << 31) return .bad_shape;
    return .ok;
}

/// Runs `body` over ranges of rows, on the calling thread alone where the work is small. Takes the
/// turn only where it does not.
pub fn parallel(
    comptime Job: type,
    job: *const Job,
    rows: u32,
    work_per_row: u64,
    comptime body: fn (*const Job, u32, u32) void,
) void {
    if (rows *| work_per_row < alone) return body(job, 0, rows);
    const Context = struct {
        job: *const Job,
        rows: u32,
        step: u32,

        fn range(pointer: *const anyopaque, begin: u32, end: u32, _: u32) void {
            const self: *const @This() = @ptrCast(@alignCast(pointer));
            body(self.job, @min(self.rows, begin *| self.step), @min(self.rows, end *| self.step));
        }
    };
    threads.turn.take();
    defer threads.turn.give();
    const parts = @min(rows, threads.count() * 4);
    const step = std.math.divCeil(u32, rows, parts) catch unreachable;
    const context: Context = .{ .job = job, .rows = rows, .step = step };
    threads.parallel(std.math.divCeil(u32, rows, step) catch unreachable, &context, Context.range);
}
