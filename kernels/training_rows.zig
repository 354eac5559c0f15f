//! What training computes row by row, behind the C ABI: gradients of norms, rotary embedding by each
//! row's position, cross-entropy and dropout. Checks their jobs and cuts rows into chunks for the pool.
const std = @import("std");
const checks = @import("checks.zig");
const memory = @import("memory.zig");
const row_steps = @import("row_steps.zig");
const scratch = @import("scratch.zig");
const threads = @import("threads.zig");
const types = @import("table.zig");
const jobs = @import("training_table.zig");
const NormParts = @import("norm_parts.zig").NormParts;
const Result = checks.Result;

/// Rows of a chunk of a norm's backward pass, and the most chunks: what is summed first never depends on
/// the number of threads.
const norm_rows = 32;
const most_chunks = 512;

/// Where the chunks' sums lie; grown when a job needs more and kept.
var sums: ?memory.Pages = null;

pub fn normBackward(table: *const types.Table, job: *const jobs.NormBackward) Result {
    if (job.input == null or job.weight == null or job.output_gradient == null) return .null_pointer;
    if (job.columns == 0) return .bad_shape;
    if (!checks.fieldsAligned(job, &.{ "input", "weight", "output_gradient", "input_gradient", "weight_gradient", "bias_gradient" })) return .misaligned;
    if (job.rows == 0) return .ok;
    const chunk_rows = @max(norm_rows, (job.rows - 1) / most_chunks + 1);
    const chunks = (job.rows - 1) / chunk_rows + 1;
    threads.turn.take();
    defer threads.turn.give();
    const summed = job.weight_gradient != null or job.bias_gradient != null;
    var nothing: [1]f32 = undefined;
    var context: NormContext = .{ .table = table, .job = job, .parts = .{ .sums = &nothing, .rows = chunk_rows, .chunks = chunks } };
    if (summed) {
        if (!scratch.grow(&sums, @as(usize, chunks) * job.columns * 2 * @sizeOf(f32))) return .out_of_memory;
        context.parts.sums = @ptrCast(@alignCast(sums.?.ptr));
    }
    if (@as(u64, job.rows) * job.columns < row_steps.alone) {
        NormContext.chunks(&context, 0, chunks, 0);
    } else threads.parallel(chunks, &context, NormContext.chunks);
    if (!summed) return .ok;
    const blocks = (job.columns - 1) / NormContext.block + 1;
    if (@as(u64, chunks) * job.columns < row_steps.alone) {
        NormContext.columns(&context, 0, blocks, 0);
    } else threads.parallel(blocks, &context, NormContext.columns);
    return .ok;
}

const NormContext = struct {
    table: *const types.Table,
    job: *const jobs.NormBackward,
    parts: NormParts,

    /// Columns that are joined in one go.
    const block = 64;

    fn chunks(pointer: *const anyopaque, begin: u32, end: u32, _: u32) void {
        const self: *const NormContext = @ptrCast(@alignCast(pointer));
        self.table.training.norm_backward(self.job, &self.parts, begin, end);
    }

    fn columns(pointer: *const anyopaque, begin: u32, end: u32, _: u32) void {
        const self: *const NormContext = @ptrCast(@alignCast(pointer));
        const last: u32 = @intCast(@min(self.job.columns, @as(u64, end) * block));
        self.table.training.norm_backward_join(self.job, &self.parts, begin * block, last);
    }
};

pub fn rotaryRows(table: *const types.Table, job: *const jobs.RotaryRows) Result {
    if (job.values == null or job.cosines == null or job.sines == null or job.positions == null) return .null_pointer;
    if (job.rotary == 0 or job.rotary % 2 != 0 or job.rotary > job.head_dim) return .bad_shape;
    if (job.stride < @as(u64, job.heads) * job.head_dim) return .bad_shape;
    if (!checks.fieldsAligned(job, &.{ "values", "cosines", "sines", "positions" })) return .misaligned;
    for (job.positions.?[0..job.rows]) |position| if (position >= job.capacity) return .bad_shape;
    const width = @as(u64, job.heads) * job.head_dim;
    eachRow(jobs.RotaryRows, .{ .job = job, .run = table.training.rotary_rows }, width);
    return .ok;
}

pub fn crossEntropy(table: *const types.Table, job: *const jobs.CrossEntropy) Result {
    if (job.logits == null or job.targets == null or job.weights == null or job.losses == null) return .null_pointer;
    if (job.columns == 0 or job.stride < job.columns) return .bad_shape;
    if (!checks.fieldsAligned(job, &.{ "logits", "targets", "weights", "losses" })) return .misaligned;
    for (job.targets.?[0..job.rows], job.weights.?[0..job.rows]) |target, weight| {
        if (weight != 0 and target >= job.columns) return .bad_id;
    }
    eachRow(jobs.CrossEntropy, .{ .job = job, .run = table.training.cross_entropy }, job.columns);
    return .ok;
}

pub fn dropout(table: *const types.Table, job: *const jobs.Dropout) Result {
    if (job.input == null or job.output == null) return .null_pointer;
    // This way round, NaN is refused.
    if (job.columns == 0 or !(job.rate >= 0 and job.rate < 1)) return .bad_shape;
    if (!checks.fieldsAligned(job, &.{ "input", "output" })) return .misaligned;
    eachRow(jobs.Dropout, .{ .job = job, .run = table.training.dropout }, job.columns);
    return .ok;
}

fn Rows(comptime Job: type) type {
    return struct { job: *const Job, run: *const fn (*const Job, u32, u32) callconv(.c) void };
}

fn eachRow(comptime Job: type, context: Rows(Job), width: u64) void {
    const body = struct {
        fn range(given: *const Rows(Job), begin: u32, end: u32) void {
            given.run(given.job, begin, end);
        }
    };
    row_steps.parallel(Rows(Job), &context, context.job.rows, width, body.range);
}
