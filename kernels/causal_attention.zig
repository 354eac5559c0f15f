//! Attention of training behind the C ABI, forwards and backwards: checks the job and cuts it for the pool.
//! Forwards a row's bits do not depend on the cut; backwards sums do, so it depends on shapes alone.
const std = @import("std");
const checks = @import("checks.zig");
const memory = @import("memory.zig");
const scratch = @import("scratch.zig");
const threads = @import("threads.zig");
const types = @import("table.zig");
const jobs = @import("training_table.zig");
const CausalParts = @import("causal_parts.zig").CausalParts;
const Result = checks.Result;

const most_dimensions = 256;

/// Both need the turn.
pub fn forward(table: *const types.Table, job: *const jobs.CausalAttention) Result {
    const checked = check(job, &.{ "query", "keys", "values", "output", "log_sums" });
    if (checked != .ok) return checked;
    const groups = @as(u64, job.sequences) * job.kv_heads;
    if (groups == 0) return .ok;
    if (groups > threads.max_chunks) return .bad_shape;
    const wanted = (8 * threads.count() - 1) / @as(u32, @intCast(groups)) + 1;
    const end = if (job.end == 0) job.length else job.end;
    if (job.begin >= end or end > job.length) return .bad_shape;
    const parts = @min(wanted, (end - job.begin - 1) / 64 + 1);
    if (!scratch.ensure(table.training.causal_attention_scratch(job))) return .out_of_memory;
    const context: Forward = .{ .table = table, .job = job, .parts = parts, .end = end };
    threads.parallel(@intCast(groups * parts), &context, Forward.items);
    return .ok;
}

const Forward = struct {
    table: *const types.Table,
    job: *const jobs.CausalAttention,
    /// Of a sequence, of about the same work.
    parts: u32,
    end: u32,

    fn items(pointer: *const anyopaque, first: u32, last: u32, worker: u32) void {
        const self: *const Forward = @ptrCast(@alignCast(pointer));
        const run = self.table.training.causal_attention;
        for (first..last) |index| {
            const group: u32 = @intCast(index / self.parts);
            const part: u32 = @intCast(index % self.parts);
            const begin, const end = .{ self.bound(part), self.bound(part + 1) };
            const sequence = group / self.job.kv_heads;
            if (begin < end) run(self.job, sequence, group % self.job.kv_heads, begin, end, scratch.of(worker));
        }
    }

    /// A row's work grows with its position.
    fn bound(self: *const Forward, part: u32) u32 {
        const share = @as(f64, @floatFromInt(part)) / @as(f64, @floatFromInt(self.parts));
        const begin: f64 = @floatFromInt(self.job.begin);
        const end: f64 = @floatFromInt(self.end);
        return @intFromFloat(@round(@sqrt(begin * begin + share * (end * end - begin * begin))));
    }
};

/// Where parts lie; grown when a job needs more and kept.
var space: ?memory.Pages = null;

pub fn backward(table: *const types.Table, job: *const jobs.CausalAttentionBackward) Result {
    const names = &.{ "query", "keys", "values", "output", "log_sums", "output_gradient", "query_gradient", "key_gradient", "value_gradient" };
    const checked = check(job, names);
    if (checked != .ok) return checked;
    if (job.end > job.length or (job.end != 0 and job.begin > job.end)) return .bad_shape;
    if (job.query_gradient_stride < @as(u64, job.heads) * job.head_dim) return .bad_shape;
    if (job.key_gradient_stride < @as(u64, job.kv_heads) * job.head_dim) return .bad_shape;
    if (job.value_gradient_stride < @as(u64, job.kv_heads) * job.head_dim) return .bad_shape;
    const heads = @as(u64, job.sequences) * job.heads;
    if (heads == 0) return .ok;
    if (job.log_sum_stride != 0 and job.log_sum_stride < job.heads) return .bad_shape;
    if (heads > threads.max_chunks) return .bad_shape;
    var context: Backward = .{ .table = table, .job = job, .parts = undefined };
    context.cut(if (job.all_heads == 0) @intCast(heads) else job.all_heads);
    const segments = context.parts.last_segment - context.parts.first_segment;
    if (segments == 0) return .ok;
    if (heads * segments > threads.max_chunks) return .bad_shape;
    if (!context.place(@intCast(heads))) return .out_of_memory;
    if (!scratch.ensure(table.training.causal_backward_scratch(job))) return .out_of_memory;
    threads.parallel(@as(u32, @intCast(heads)) * segments, &context, Backward.items);
    if (context.parts.segments == 1 and job.heads == job.kv_heads) return .ok;
    threads.parallel(context.rowBlocks(), &context, Backward.join);
    return .ok;
}

/// Items that keep a few threads at work, and segments of the keys to have as many.
const wanted_items = 32;
const few_segments = 8;
/// A long sequence has more of them, of about this many multiply-adds of a head, so that it can be made by
/// several calls of a fraction of a second.
const segment_work = 100e6;
const most_segments = 64;

const Backward = struct {
    table: *const types.Table,
    job: *const jobs.CausalAttentionBackward,
    parts: CausalParts,

    fn cut(self: *Backward, heads: u32) void {
        const step = self.table.training.causal_key_step;
        const blocks = (self.job.length - 1) / step + 1;
        // Two blocks of keys at least: each segment has queries of its own to add up.
        const most = @max(1, @min(most_segments, blocks / 2));
        const length: f64 = @floatFromInt(self.job.length);
        const work = length * length * @as(f64, @floatFromInt(self.job.head_dim));
        const long: u32 = @intFromFloat(@min(most_segments, work / segment_work));
        const few = @min(few_segments, (wanted_items - 1) / heads + 1);
        const each = (blocks - 1) / @min(most, @max(few, long)) + 1;
        self.parts.step = each * step;
        self.parts.segments = (blocks - 1) / each + 1;
        self.parts.first_segment = self.segmentFrom(self.job.begin);
        self.parts.last_segment = self.segmentFrom(if (self.job.end == 0) self.job.length else self.job.end);
    }

    /// The first segment that begins at a position or behind it.
    fn segmentFrom(self: *const Backward, position: u32) u32 {
        const step = self.parts.step;
        return @min(self.parts.segments, position / step + @intFromBool(position % step > 0));
    }

    fn place(self: *Backward, heads: usize) bool {
        const size = heads * self.job.length * self.job.head_dim;
        const segments = self.parts.last_segment - self.parts.first_segment;
        const queries = if (self.parts.segments > 1) size * segments else 0;
        const keys = if (self.job.heads > self.job.kv_heads) size else 0;
        if (!scratch.grow(&space, @max(1, queries + 2 * keys) * @sizeOf(f32))) return false;
        self.parts.queries = @ptrCast(@alignCast(space.?.ptr));
        self.parts.keys = self.parts.queries + queries;
        self.parts.values = self.parts.keys + keys;
        return true;
    }

    fn items(pointer: *const anyopaque, first: u32, last: u32, worker: u32) void {
        const self: *const Backward = @ptrCast(@alignCast(pointer));
        const run = self.table.training.causal_backward;
        const segments = self.parts.last_segment - self.parts.first_segment;
        for (first..last) |index| {
            const head: u32 = @intCast(index / segments);
            const segment = self.parts.first_segment + @as(u32, @intCast(index % segments));
            run(self.job, &self.parts, head / self.job.heads, head % self.job.heads, segment, scratch.of(worker));
        }
    }

    const block_rows = 16;

    fn rowBlocks(self: *const Backward) u32 {
        return (self.job.sequences * self.job.length - 1) / block_rows + 1;
    }

    fn join(pointer: *const anyopaque, first: u32, last: u32, _: u32) void {
        const self: *const Backward = @ptrCast(@alignCast(pointer));
        const rows = self.job.sequences * self.job.length;
        self.table.training.causal_join(self.job, &self.parts, first * block_rows, @min(rows, last * block_rows));
    }
};

fn check(job: anytype, comptime names: []const []const u8) Result {
    inline for (names) |name| if (@field(job.*, name) == null) return .null_pointer;
    if (job.heads == 0 or job.kv_heads == 0 or job.heads % job.kv_heads != 0) return .bad_shape;
    if (job.head_dim == 0 or job.head_dim > most_dimensions or job.length == 0) return .bad_shape;
    const rows = @as(u64, job.sequences) * job.length;
    if (rows > threads.max_chunks * 8 or job.heads > threads.max_chunks) return .bad_shape;
    const width = @as(u64, job.heads) * job.head_dim;
    const kv_width = @as(u64, job.kv_heads) * job.head_dim;
    if (job.query_stride < width or job.output_stride < width) return .bad_shape;
    if (job.key_stride < kv_width or job.value_stride < kv_width) return .bad_shape;
    if (!checks.fieldsAligned(job, names ++ .{"starts"})) return .misaligned;
    if (job.starts) |starts| for (starts[0..rows], 0..) |start, row| {
        if (start > row % job.length) return .bad_shape;
    };
    return .ok;
}
