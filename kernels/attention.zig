//! Attention behind the C ABI: checks the job and cuts it for the pool, by heads and tokens, or by
//! heads and keys where there are too few tokens to keep all threads at work.
const std = @import("std");
const checks = @import("checks.zig");
const memory = @import("memory.zig");
const row_steps = @import("row_steps.zig");
const scratch = @import("scratch.zig");
const threads = @import("threads.zig");
const types = @import("table.zig");
const attention_parts = @import("attention_parts.zig");
const chunk_size = attention_parts.chunk_size;
const AttentionParts = attention_parts.AttentionParts;
const Result = checks.Result;

/// Rows (tokens x heads of a group) of one item: enough to share a chunk of keys.
const rows_of_item = 192;
/// Bytes of parts that are worth it.
const most_parts = 64 << 20;

/// Needs the turn.
pub fn run(table: *const types.Table, job: *const types.Attention) Result {
    const checked = check(table, job);
    if (checked != .ok) return checked;
    const few = 4 * threads.count();
    const group = job.heads / job.kv_heads;
    const each = (job.tokens * job.kv_heads + few - 1) / few;
    const step = @max(1, @min(each, rows_of_item / group));
    const token_chunks = (job.tokens + step - 1) / step;
    if (@as(u64, token_chunks) * job.kv_heads > threads.max_chunks) return .bad_shape;
    if (!scratch.ensure(table.attention_scratch(job))) return .out_of_memory;
    var context: Context = .{ .table = table, .job = job, .step = step, .token_chunks = token_chunks };
    if (threads.count() > 1 and token_chunks * job.kv_heads < few and context.cutKeys(few)) {
        threads.parallel(job.kv_heads * context.segments, &context, Context.parts);
        threads.parallel(job.tokens * job.heads, &context, Context.join);
    } else threads.parallel(token_chunks * job.kv_heads, &context, Context.tokens);
    return .ok;
}

/// Where parts lie; grown when a job needs more and kept.
var space: ?memory.Pages = null;

fn check(table: *const types.Table, job: *const types.Attention) Result {
    if (job.query == null or job.keys == null or job.values == null or job.output == null) return .null_pointer;
    if (job.tokens == 0 or job.kv_heads == 0 or job.heads == 0 or job.heads % job.kv_heads != 0) return .bad_shape;
    const cache = row_steps.checkCache(job.cache_type, job.capacity, job.head_dim, job.padded_dim);
    if (cache != .ok) return cache;
    if (job.padded_dim > 4096) return .bad_shape;
    if (job.padded_dim % table.lanes != 0) return .bad_shape;
    if (@as(u64, job.tokens) * job.heads > threads.max_chunks) return .bad_shape;
    if (!fits(job.query_stride, job.query_head_stride, job)) return .bad_shape;
    if (!fits(job.output_stride, job.output_head_stride, job)) return .bad_shape;
    const last = if (job.visible == 0) @as(u64, job.position) + job.tokens else job.visible;
    if (last > job.capacity) return .bad_shape;
    if (!checks.fieldsAligned(job, &.{ "query", "keys", "values", "output" })) return .misaligned;
    return .ok;
}

/// Whether rows of a head at these strides do not overlap.
fn fits(stride: u32, head_stride: u32, job: *const types.Attention) bool {
    if (head_stride != 0) return stride >= job.head_dim and head_stride >= job.head_dim;
    return stride >= @as(u64, job.heads) * job.head_dim;
}

const Context = struct {
    table: *const types.Table,
    job: *const types.Attention,
    /// Tokens of an item.
    step: u32,
    token_chunks: u32,
    /// Items of a KV head, by keys.
    segments: u32 = 0,
    cut: AttentionParts = undefined,

    /// False where there is nothing to cut or no memory for it.
    fn cutKeys(self: *Context, items: u32) bool {
        const job = self.job;
        const end = if (job.visible == 0) job.position + job.tokens else job.visible;
        const oldest = if (job.visible == 0) job.position + 1 else job.visible;
        self.cut.first = if (job.window == 0) 0 else (oldest -| job.window) / chunk_size;
        self.cut.chunks = (end + chunk_size - 1) / chunk_size - self.cut.first;
        if (self.cut.chunks == 1) return false;
        const rows = @as(usize, job.tokens) * job.heads;
        const size = rows * self.cut.chunks * self.table.attention_part_size(job) * 4;
        if (size > most_parts or !scratch.grow(&space, size)) return false;
        self.cut.memory = @ptrCast(@alignCast(space.?.ptr));
        self.segments = @min(self.cut.chunks, (items + job.kv_heads - 1) / job.kv_heads);
        return true;
    }

    /// A head after the other, and the last tokens first: they see the most keys.
    fn tokens(pointer: *const anyopaque, first: u32, last: u32, worker: u32) void {
        const self: *const Context = @ptrCast(@alignCast(pointer));
        var index = first;
        while (index < last) : (index += 1) {
            const begin = (self.token_chunks - 1 - index % self.token_chunks) * self.step;
            const end = @min(self.job.tokens, begin + self.step);
            self.table.attention(self.job, index / self.token_chunks, begin, end, scratch.of(worker));
        }
    }

    fn parts(pointer: *const anyopaque, first: u32, last: u32, worker: u32) void {
        const self: *const Context = @ptrCast(@alignCast(pointer));
        var index = first;
        while (index < last) : (index += 1) {
            const segment = index % self.segments;
            const begin = self.cut.first + segment * self.cut.chunks / self.segments;
            const end = self.cut.first + (segment + 1) * self.cut.chunks / self.segments;
            const kv_head = index / self.segments;
            self.table.attention_parts(self.job, &self.cut, kv_head, begin, end, scratch.of(worker));
        }
    }

    fn join(pointer: *const anyopaque, first: u32, last: u32, _: u32) void {
        const self: *const Context = @ptrCast(@alignCast(pointer));
        self.table.attention_join(self.job, &self.cut, first, last);
    }
};
