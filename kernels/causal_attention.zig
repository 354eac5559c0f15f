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
    const parts = @min(wanted, (job.length - 1) / 64 + 1);
    if (!scratch.ensure(table.training.causal_attention_scratch(job))) return .out_of_memory;
    const context: Forward = .{ .table = table, .job = job, .parts = parts };
    threads.parallel(@intCast(groups * parts), &context, Forward.items);
    return .ok;
}

const Forward = struct {
    table: *const types.Table,
    job: *const jobs.CausalAttention,
    /// Of a sequence, of about the same work.
    parts: u32,

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
        return @intFromFloat(@round(@as(f64, @floatFromInt(self.job.length)) * @sqrt(share)));
    }
};

/// Where parts lie; grown when a job needs more and kept.
var space: ?memory.Pages = null;

pub fn backward(table: *const types.Table, job: *const jobs.CausalAttentionBackward) Result {
    const names = &.{ "query", "keys", "values", "output", "log_sums", "output_gradient", "query_gradient", "key_gradient", "value_gradient" };
    const checked = check(job, names);
    if (checked != .ok) return checked;
    if (job.query_gradient_stride < @as(u64, job.heads) * job.head_dim) return .bad_shape;
    if (job.key_gradient_stride < @as(u64, job.kv_heads) * job.head_dim) return .bad_shape;
    if (job.value_gradient_stride < @as(u64, job.kv_heads) * job.head_dim) return .bad_shape;
    const heads = @as(u64, job.sequences) * job.heads;
    if (heads == 0) return .ok;
    if (heads > threads.max_chunks / most_segments) return .bad_shape;
    var context: Backward = .{ .table = table, .job = job, .parts = undefined };
    context.cut(@intCast(heads));
    if (!context.place(@intCast(heads))) return .out_of_memory;
    if (!scratch.ensure(table.training.causal_backward_scratch(job))) return .out_of_memory;
    threads.parallel(@as(u32, @intCast(heads)) * context.parts.segments, &context, Backward.items);
    if (context.parts.segments == 1 and job.heads == job.kv_heads) return .ok;
    threads.parallel(context.rowBlocks(), &context, Backward.join);
    return .ok;
}

/// Items that keep a few threads at work, and segments of the keys to have as many.
const wanted_items = 32;
const most_segments = 8;

const Backward = struct {
    table: *const types.Table,
    job: *const jobs.CausalAttentionBackward,
    parts: CausalParts,

    fn cut(self: *Backward, heads: u32) void {
        const step = self.table.training.causal_key_step;
        const blocks = (self.job.length - 1) / step + 1;
        // Two blocks of keys at least: each segment has queries of its own to add up.
        const most = @max(1, @min(most_segments, blocks / 2));
        const each = (blocks - 1) / @min(most, (wanted_items - 1) / heads + 1) + 1;
        self.parts.step = each * step;
        self.parts.segments = (blocks - 1) / each + 1;
    }

    fn place(self: *Backward, heads: usize) bool {
        const size = heads * self.job.length * self.job.head_dim;
        const queries = if (self.parts.segments > 1) size * self.parts.segments else 0;
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
        for (first..last) |index| {
            const head: u32 = @intCast(index / self.parts.segments);
            const segment: u32 = @intCast(index % self.parts.segments);
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
