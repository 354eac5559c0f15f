//! Attention behind the C ABI: checks the job and cuts tokens and heads into chunks for the pool.
const std = @import("std");
const checks = @import("checks.zig");
const scratch = @import("scratch.zig");
const threads = @import("threads.zig");
const types = @import("table.zig");
const Result = checks.Result;

/// Needs the turn.
pub fn run(table: *const types.Table, job: *const types.Attention) Result {
    const checked = check(table, job);
    if (checked != .ok) return checked;
    const per_chunk: u32 = if (job.tokens < 8) 1 else 8;
    const context: Context = .{
        .table = table,
        .job = job,
        .tokens_per_chunk = per_chunk,
        .token_chunks = std.math.divCeil(u32, job.tokens, per_chunk) catch unreachable,
    };
    if (@as(u64, context.token_chunks) * job.kv_heads > threads.max_chunks) return .bad_shape;
    if (!scratch.ensure(table.attention_scratch(job))) return .out_of_memory;
    threads.parallel(context.token_chunks * job.kv_heads, &context, Context.range);
    return .ok;
}

fn check(table: *const types.Table, job: *const types.Attention) Result {
    if (job.query == null or job.keys == null or job.values == null or job.output == null) return .null_pointer;
    if (job.cache_type > 1) return .bad_type;
    if (job.tokens == 0 or job.kv_heads == 0 or job.heads == 0 or job.heads % job.kv_heads != 0) return .bad_shape;
    if (job.head_dim == 0 or job.head_dim > job.padded_dim or job.padded_dim > 4096) return .bad_shape;
    if (job.padded_dim % table.lanes != 0) return .bad_shape;
    const width = @as(u64, job.heads) * job.head_dim;
    if (job.query_stride < width or job.output_stride < width) return .bad_shape;
    if (@as(u64, job.position) + job.tokens > job.capacity) return .bad_shape;
    if (!checks.fieldsAligned(job, &.{ "query", "keys", "values", "output" })) return .misaligned;
    return .ok;
}

const Context = struct {
    table: *const types.Table,
    job: *const types.Attention,
    tokens_per_chunk: u32,
    token_chunks: u32,

    fn range(pointer: *const anyopaque, first: u32, last: u32, worker: u32) void {
        const self: *const Context = @ptrCast(@alignCast(pointer));
        for (first..last) |chunk| {
            const index: u32 = @intCast(chunk);
            // The last tokens see the most keys: hand them out first, so that threads end together.
            const part = self.token_chunks - 1 - index / self.job.kv_heads;
            const begin = part * self.tokens_per_chunk;
            const end = @min(self.job.tokens, begin + self.tokens_per_chunk);
            self.table.attention(self.job, index % self.job.kv_heads, begin, end, scratch.of(worker));
        }
    }
};
