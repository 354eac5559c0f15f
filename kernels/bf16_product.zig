//! The product of f32 rows with a matrix in bf16, behind the C ABI: checks the job and deals out its rows.
//! A thread makes a part of them bf16 for itself and multiplies it while it is in its cache. An element's
//! sum is cut at places that depend on k alone, so its bits do not depend on the number of threads.
const std = @import("std");
const bf16 = @import("bf16_block.zig");
const checks = @import("checks.zig");
const cpu = @import("cpu.zig");
const jobs = @import("training_table.zig");
const row_steps = @import("row_steps.zig");
const scratch = @import("scratch.zig");
const threads = @import("threads.zig");
const types = @import("table.zig");
const Result = checks.Result;

/// Most rows that a thread packs at once: 204 KB of its second-level cache.
const most_rows: usize = 192;
/// Multiply-adds that are not worth waking another thread.
const small = 1 << 17;

pub fn pack(table: *const types.Table, job: *const jobs.Bf16Matrix) Result {
    if (job.source == null or job.output == null) return .null_pointer;
    if (job.k == 0 or job.n == 0 or job.k > 1 << 28 or job.n > 1 << 28) return .bad_shape;
    if (job.stride < if (job.transposed != 0) job.k else job.n) return .bad_shape;
    if (!checks.fieldsAligned(job, &.{ "source", "output" })) return .misaligned;
    const Context = struct {
        table: *const types.Table,
        job: *const jobs.Bf16Matrix,

        fn run(self: *const @This(), begin: u32, end: u32) void {
            self.table.training.bf16_pack(self.job, begin, end);
        }
    };
    const strips = divCeil(job.n, bf16.width);
    row_steps.parallel(Context, &.{ .table = table, .job = job }, @intCast(strips), @as(u64, bf16.width) * job.k, Context.run);
    return .ok;
}

/// Whether the table has an instruction of this CPU's for it, which is asked once. Needs the turn.
pub fn isNative(table: *const types.Table) bool {
    if (table.training.bf16_multiply_native == null) return false;
    if (has_instruction == null) has_instruction = cpu.hasBf16();
    return has_instruction.?;
}

var has_instruction: ?bool = null;

pub fn run(table: *const types.Table, job: *const jobs.Bf16Product) Result {
    if (job.a == null or job.b == null or job.c == null) return .null_pointer;
    if (job.m == 0 or job.n == 0 or job.k == 0) return .bad_shape;
    if (job.m > 1 << 28 or job.n > 1 << 28 or job.k > 1 << 28) return .bad_shape;
    if (job.a_stride < job.k or job.c_stride < job.n) return .bad_shape;
    if (!checks.fieldsAligned(job, &.{ "a", "b", "c" })) return .misaligned;
    threads.turn.take();
    defer threads.turn.give();
    const functions = &table.training;
    const height = functions.bf16_rows;
    const row_strips = divCeil(job.m, height);
    const alone = threads.count() == 1 or multiplyAdds(job) < small;
    const workers = if (alone) 1 else threads.count();
    const pairs = bf16.pairs(job.k);
    const parts = divCeil(row_strips, most_rows / height);
    const row_parts = @min(row_strips, divCeil(parts, workers) * workers);
    const product: Product = .{
        .functions = functions,
        .multiply = if (isNative(table)) functions.bf16_multiply_native.? else functions.bf16_multiply,
        .job = job,
        .step = divCeil(pairs, divCeil(pairs, bf16.depth)),
        .row_parts = row_parts,
        .column_parts = @min(divCeil(job.n, bf16.width), divCeil(workers, row_parts)),
    };
    const rows = divCeil(row_strips, row_parts) * height;
    if (!scratch.ensure(rows * bf16.pitch * @sizeOf(u32))) return .out_of_memory;
    const items: u32 = @intCast(row_parts * product.column_parts);
    if (alone) Product.range(&product, 0, items, 0) else threads.parallel(items, &product, Product.range);
    return .ok;
}

const Product = struct {
    functions: *const jobs.Functions,
    multiply: jobs.Bf16Multiply,
    job: *const jobs.Bf16Product,
    /// Pairs of k at once.
    step: usize,
    row_parts: usize,
    column_parts: usize,

    fn range(pointer: *const anyopaque, begin: u32, end: u32, worker: u32) void {
        const self: *const Product = @ptrCast(@alignCast(pointer));
        const height = self.functions.bf16_rows;
        const row_strips = divCeil(self.job.m, height);
        const strips = divCeil(self.job.n, bf16.width);
        const pairs = bf16.pairs(self.job.k);
        for (begin..end) |index| {
            const part = index / self.column_parts;
            const side = index % self.column_parts;
            const row = part * row_strips / self.row_parts * height;
            var block: bf16.Block = .{
                .a = @ptrCast(scratch.of(worker)),
                .row = row,
                .rows = @min(self.job.m, (part + 1) * row_strips / self.row_parts * height) - row,
                .pair = 0,
                .pairs = undefined,
            };
            while (block.pair < pairs) : (block.pair += self.step) {
                block.pairs = @min(self.step, pairs - block.pair);
                self.functions.bf16_pack_rows(self.job, &block);
                const first = side * strips / self.column_parts;
                self.multiply(self.job, &block, first, (side + 1) * strips / self.column_parts);
            }
        }
    }
};

fn divCeil(count: usize, size: usize) usize {
    return std.math.divCeil(usize, count, size) catch unreachable;
}

/// Held at the most that fits: the largest shapes have more.
fn multiplyAdds(job: *const jobs.Bf16Product) u64 {
    return @as(u64, job.m) * job.n *| job.k;
}

test "the largest shapes overflow nothing" {
    const Counted = struct {
        var strips: u32 = 0;

        fn pack(_: *const jobs.Bf16Matrix, begin: u32, end: u32) callconv(.c) void {
            strips += end - begin;
        }
    };
    var table: types.Table = undefined;
    table.training.bf16_pack = Counted.pack;
    const matrix: jobs.Bf16Matrix = .{
        .source = @ptrFromInt(64),
        .output = @ptrFromInt(64),
        .k = 1 << 28,
        .n = bf16.width + 1,
        .stride = bf16.width + 1,
        .transposed = 0,
    };
    try std.testing.expectEqual(.ok, pack(&table, &matrix));
    try std.testing.expectEqual(2, Counted.strips);
    var product: jobs.Bf16Product = undefined;
    product.m = 1 << 28;
    product.n = 1 << 28;
    product.k = 1 << 28;
    try std.testing.expectEqual(std.math.maxInt(u64), multiplyAdds(&product));
}
