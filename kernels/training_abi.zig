//! The part of the C ABI that only training calls; made as abi.zig tells.
const std = @import("std");
const abi = @import("abi.zig");
const bf16_product = @import("bf16_product.zig");
const causal_attention = @import("causal_attention.zig");
const checks = @import("checks.zig");
const row_steps = @import("row_steps.zig");
const threads = @import("threads.zig");
const types = @import("table.zig");
const jobs = @import("training_table.zig");
const training_rows = @import("training_rows.zig");
const Result = checks.Result;
const fieldsAligned = checks.fieldsAligned;

/// Columns that one thread takes at once: whole cache lines, so that no two threads write to one.
const column_block = 64;

pub export fn cromwell_add_bias(job: ?*const types.Bias) Result {
    const self = job orelse return .null_pointer;
    const checked = checkBias(self);
    if (checked != .ok) return checked;
    const body = struct {
        fn run(context: *const types.Bias, begin: u32, end: u32) void {
            abi.table.add_bias(context, begin, end);
        }
    };
    row_steps.parallel(types.Bias, self, self.rows, self.columns, body.run);
    return .ok;
}

pub export fn cromwell_bias_gradient(job: ?*const types.Bias) Result {
    const self = job orelse return .null_pointer;
    const checked = checkBias(self);
    if (checked != .ok) return checked;
    byColumns(types.Bias, self, self.columns, self.rows, "bias_gradient");
    return .ok;
}

fn checkBias(job: *const types.Bias) Result {
    if (job.values == null or job.bias == null) return .null_pointer;
    if (job.columns == 0 or job.stride < job.columns) return .bad_shape;
    if (!fieldsAligned(job, &.{ "values", "bias" })) return .misaligned;
    return .ok;
}

pub export fn cromwell_activation_gradient(job: ?*const types.ActivationGradient) Result {
    const self = job orelse return .null_pointer;
    if (self.activation > @intFromEnum(types.Activation.gelu)) return .bad_type;
    const gated = self.activation == @intFromEnum(types.Activation.swiglu);
    if (self.gate == null or self.output_gradient == null or self.gate_gradient == null) return .null_pointer;
    if (gated and (self.up == null or self.up_gradient == null)) return .null_pointer;
    if (!fieldsAligned(self, &.{ "gate", "up", "output_gradient", "gate_gradient", "up_gradient" })) return .misaligned;
    return elementwise(types.ActivationGradient, self, "activation_gradient");
}

pub export fn cromwell_embedding_gradient(job: ?*const types.EmbeddingGradient) Result {
    const self = job orelse return .null_pointer;
    if (self.source == null or self.ids == null or self.gradient == null) return .null_pointer;
    if (self.columns == 0) return .bad_shape;
    if (!fieldsAligned(self, &.{ "source", "ids", "gradient" })) return .misaligned;
    for (self.ids.?[0..self.count]) |id| if (id >= self.rows) return .bad_id;
    byColumns(types.EmbeddingGradient, self, self.columns, self.count, "embedding_gradient");
    return .ok;
}

pub export fn cromwell_weighted_sum(job: ?*const types.WeightedSum) Result {
    const self = job orelse return .null_pointer;
    if (self.a == null or self.b == null or self.output == null) return .null_pointer;
    if (!fieldsAligned(self, &.{ "a", "b", "output" })) return .misaligned;
    return elementwise(types.WeightedSum, self, "weighted_sum");
}

pub export fn cromwell_adamw(job: ?*const types.AdamW) Result {
    const self = job orelse return .null_pointer;
    if (self.values == null or self.gradient == null or self.first == null or self.second == null) return .null_pointer;
    if (!fieldsAligned(self, &.{ "values", "gradient", "first", "second" })) return .misaligned;
    return elementwise(types.AdamW, self, "adamw");
}

/// Most parts of a sum of squares.
const most_parts = 1 << 12;

/// Sum of the squares of `count` values in f64, cut by the count alone; 0 of none.
pub export fn cromwell_sum_of_squares(values: ?[*]align(1) const f32, count: usize) f64 {
    if (values == null or !checks.aligned(values)) return 0;
    const least = std.math.divCeil(usize, count, most_parts) catch unreachable;
    const size = @max(1 << 14, std.mem.alignForward(usize, least, 1 << 10));
    const used: u32 = @intCast(std.math.divCeil(usize, count, size) catch unreachable);
    const Job = struct {
        values: []const f32,
        size: usize,
        parts: *[most_parts]f64,

        fn run(self: *const @This(), begin: u32, end: u32) void {
            for (begin..end) |part| {
                const rest = self.values[part * self.size ..];
                self.parts[part] = abi.table.sum_squares(rest.ptr, @min(self.size, rest.len));
            }
        }
    };
    var parts: [most_parts]f64 = undefined;
    const start: [*]const f32 = @alignCast(values.?);
    const job: Job = .{ .values = start[0..count], .size = size, .parts = &parts };
    row_steps.parallel(Job, &job, used, size, Job.run);
    var total: f64 = 0;
    for (parts[0..used]) |part| total += part;
    return total;
}

/// The gradients of RMSNorm or LayerNorm.
pub export fn cromwell_norm_backward(job: ?*const jobs.NormBackward) Result {
    return training_rows.normBackward(abi.table, job orelse return .null_pointer);
}

pub export fn cromwell_rotary_rows(job: ?*const jobs.RotaryRows) Result {
    return training_rows.rotaryRows(abi.table, job orelse return .null_pointer);
}

/// The loss of each row and, in the place of its logits, their gradients.
pub export fn cromwell_cross_entropy(job: ?*const jobs.CrossEntropy) Result {
    return training_rows.crossEntropy(abi.table, job orelse return .null_pointer);
}

pub export fn cromwell_dropout(job: ?*const jobs.Dropout) Result {
    return training_rows.dropout(abi.table, job orelse return .null_pointer);
}

pub export fn cromwell_causal_attention(job: ?*const jobs.CausalAttention) Result {
    const self = job orelse return .null_pointer;
    threads.turn.take();
    defer threads.turn.give();
    return causal_attention.forward(abi.table, self);
}

/// The gradients of queries, keys and values.
pub export fn cromwell_causal_attention_backward(job: ?*const jobs.CausalAttentionBackward) Result {
    const self = job orelse return .null_pointer;
    threads.turn.take();
    defer threads.turn.give();
    return causal_attention.backward(abi.table, self);
}

/// 1 where products of bf16 are made by the CPU's own instruction, and so faster than those of f32.
pub export fn cromwell_native_bf16() u32 {
    threads.turn.take();
    defer threads.turn.give();
    return @intFromBool(bf16_product.isNative(abi.table));
}

/// A matrix for cromwell_bf16_product.
pub export fn cromwell_bf16_pack(job: ?*const jobs.Bf16Matrix) Result {
    return bf16_product.pack(abi.table, job orelse return .null_pointer);
}

pub export fn cromwell_bf16_product(job: ?*const jobs.Bf16Product) Result {
    return bf16_product.run(abi.table, job orelse return .null_pointer);
}

/// Runs a kernel over blocks of a job's `count` values.
fn elementwise(comptime Job: type, job: *const Job, comptime kernel: []const u8) Result {
    const block = row_steps.block;
    if (job.count > @as(u64, block) << 31) return .bad_shape;
    const body = struct {
        fn run(self: *const Job, begin: u32, end: u32) void {
            @field(abi.table, kernel)(self, @as(u64, begin) * block, @min(self.count, @as(u64, end) * block));
        }
    };
    const blocks: u32 = @intCast(std.math.divCeil(u64, job.count, block) catch unreachable);
    row_steps.parallel(Job, job, blocks, block, body.run);
    return .ok;
}

/// Runs a kernel over blocks of columns, each over all rows: a column's sum is made by one thread.
fn byColumns(comptime Job: type, job: *const Job, columns: u32, rows: u32, comptime kernel: []const u8) void {
    const body = struct {
        fn run(self: *const Job, begin: u32, end: u32) void {
            @field(abi.table, kernel)(self, begin * column_block, @min(self.columns, end *| column_block));
        }
    };
    const blocks = std.math.divCeil(u32, columns, column_block) catch unreachable;
    row_steps.parallel(Job, job, blocks, @as(u64, rows) * column_block, body.run);
}
