//! Runs a program: the steps that a batch of tokens goes through, in one call. Steps that take one
//! token after the other (norm, rotation, cache store, activation, inputs as integers) and follow
//! each other run as one: a thread takes a few tokens through all of them while they are in its cache.
const std = @import("std");
const attention = @import("attention.zig");
const checks = @import("checks.zig");
const products = @import("products.zig");
const row_steps = @import("row_steps.zig");
const threads = @import("threads.zig");
const types = @import("table.zig");
const Result = checks.Result;

/// Jobs are described as of one token at position 0; they run for `tokens` from `position` on. Sets
/// `failed` to the step that was refused; some of those before it may have run. Needs the turn.
pub fn run(
    table: *const types.Table,
    steps: []const types.Step,
    tokens: u32,
    position: u32,
    failed: *u32,
) Result {
    failed.* = 0;
    if (tokens == 0 or tokens > threads.max_chunks) return .bad_shape;
    var pending: PerToken = .{ .table = table, .tokens = tokens };
    for (steps, 0..) |*step, i| {
        failed.* = @intCast(i);
        const result = runStep(&pending, step, position);
        if (result != .ok) return result;
    }
    pending.run();
    return .ok;
}

fn runStep(pending: *PerToken, step: *const types.Step, position: u32) Result {
    const address = @intFromPtr(step.job orelse return .null_pointer);
    if (address % @alignOf(types.Product) != 0) return .misaligned;
    if (step.kind > @intFromEnum(types.StepKind.vector)) return .bad_type;
    const kind: types.StepKind = @enumFromInt(step.kind);
    if (kind != .products and step.count != 1) return .bad_shape;
    switch (kind) {
        .products => {
            const list: [*]const types.Product = @ptrFromInt(address);
            return multiply(pending, list[0..step.count]);
        },
        .attention => {
            var job = @as(*const types.Attention, @ptrFromInt(address)).*;
            job.tokens = pending.tokens;
            job.position = position;
            pending.run();
            return attention.run(pending.table, &job);
        },
        .norm => {
            const job: *const types.Norm = @ptrFromInt(address);
            return pending.add(.{ .norm = job.* }, row_steps.checkNorm(job));
        },
        .rope => {
            var job = @as(*const types.Rope, @ptrFromInt(address)).*;
            job.tokens = pending.tokens;
            job.position = position;
            return pending.add(.{ .rope = job }, row_steps.checkRope(&job));
        },
        .cache_store => {
            var job = @as(*const types.CacheStore, @ptrFromInt(address)).*;
            job.tokens = pending.tokens;
            job.position = position;
            return pending.add(.{ .cache_store = job }, row_steps.checkStore(&job));
        },
        .vector => {
            const job: *const types.Vector = @ptrFromInt(address);
            return pending.add(.{ .vector = job.* }, row_steps.checkVector(job));
        },
    }
}

fn multiply(pending: *PerToken, list: []const types.Product) Result {
    var step: products.Step = undefined;
    const prepared = step.prepare(pending.table, list, pending.tokens);
    if (prepared != .ok) return prepared;
    if (step.input_elements > 0) {
        const added = pending.add(.{ .inputs = &step }, .ok);
        if (added != .ok) return added;
    }
    pending.run();
    step.multiply();
    return .ok;
}

/// Steps that are still to run, each for one token after the other.
const PerToken = struct {
    table: *const types.Table,
    tokens: u32,
    list: [capacity]Operation = undefined,
    count: u32 = 0,
    /// Elements of one token, all steps together.
    elements: u64 = 0,

    const capacity = 8;
    /// Tokens that go through all steps before the next ones: they stay in the first-level cache.
    const together = 4;
    /// Elements that one thread is done with before another would have begun.
    const alone = 1 << 13;

    const Operation = union(enum) {
        norm: types.Norm,
        rope: types.Rope,
        cache_store: types.CacheStore,
        vector: types.Vector,
        inputs: *const products.Step,

        fn elements(self: *const Operation) u64 {
            return switch (self.*) {
                .norm => |job| @as(u64, job.rows) * job.columns,
                .rope => |job| @as(u64, job.heads) * job.head_dim,
                .cache_store => |job| @as(u64, job.kv_heads) * job.head_dim,
                .vector => |job| job.count,
                .inputs => |step| step.input_elements,
            };
        }

        fn run(self: *const Operation, table: *const types.Table, begin: u32, end: u32) void {
            switch (self.*) {
                .norm => |*job| table.norm(job, begin * job.rows, end * job.rows),
                .rope => |*job| table.rope(job, begin, end),
                .cache_store => |*job| table.cache_store(job, begin, end),
                .vector => |*job| table.vector(job, begin * job.count, end * job.count),
                .inputs => |step| step.quantise(begin, end),
            }
        }
    };

    fn add(self: *PerToken, operation: Operation, checked: Result) Result {
        if (checked != .ok) return checked;
        const elements = operation.elements();
        if (elements *| self.tokens > std.math.maxInt(u32)) return .bad_shape;
        if (self.count == capacity) self.run();
        self.list[self.count] = operation;
        self.count += 1;
        self.elements += elements;
        return .ok;
    }

    fn run(self: *PerToken) void {
        const work = self.elements * self.tokens;
        if (work < alone) range(self, 0, self.tokens, 0) else threads.parallel(self.tokens, self, range);
        self.count = 0;
        self.elements = 0;
    }

    fn range(pointer: *const anyopaque, first: u32, last: u32, _: u32) void {
        const self: *const PerToken = @ptrCast(@alignCast(pointer));
        var begin = first;
        while (begin < last) : (begin += together) {
            const end = @min(last, begin + together);
            for (self.list[0..self.count]) |*operation| operation.run(self.table, begin, end);
        }
    }
};
