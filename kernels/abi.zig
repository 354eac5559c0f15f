//! The C ABI: the library's only exported symbols, with those of tokenizer_abi.zig and training_abi.zig.
//! Each checks its arguments, cuts the work into chunks for the pool and returns a code; the kernels
//! behind it check nothing.
const std = @import("std");
const builtin = @import("builtin");
const cpu = @import("cpu.zig");
const memory = @import("memory.zig");
const threads = @import("threads.zig");
const quant = @import("quant/formats.zig");
const attention = @import("attention.zig");
const products = @import("products.zig");
const limits = @import("limits.zig");
const file_statuses = @import("file_statuses.zig");
const tiles = @import("quant/tiles.zig");
const program = @import("program.zig");
const row_steps = @import("row_steps.zig");
const gemm = @import("gemm.zig");
const checks = @import("checks.zig");
pub const types = @import("table.zig");
pub const tokenizer = @import("tokenizer_abi.zig");
pub const training = @import("training_abi.zig");

pub const Result = checks.Result;
const aligned = checks.aligned;

extern const cromwell_table_baseline: types.Table;
extern const cromwell_table_avx2: types.Table;
extern const cromwell_table_avx512: types.Table;

var level: cpu.Level = .baseline;
pub var table: *const types.Table = &cromwell_table_baseline;

/// Chooses the table for this machine, or a lower one; -1 asks for the highest that it runs.
pub export fn cromwell_use_level(wanted: i32) Result {
    const highest = cpu.detect();
    if (wanted > @intFromEnum(highest)) return .unsupported_level;
    level = if (wanted < 0) highest else @enumFromInt(wanted);
    if (builtin.cpu.arch == .x86_64) {
        table = switch (level) {
            .baseline => &cromwell_table_baseline,
            .avx2 => &cromwell_table_avx2,
            .avx512 => &cromwell_table_avx512,
        };
    }
    return .ok;
}

/// The level in use: 0 baseline, 1 AVX2 + FMA, 2 AVX-512 with VNNI.
pub export fn cromwell_level() i32 {
    return @intFromEnum(level);
}

/// f32 lanes of the table in use.
pub export fn cromwell_lanes() u32 {
    return table.lanes;
}

/// Sets how many threads take part in each job, the caller included.
pub export fn cromwell_use_threads(count: u32) Result {
    threads.turn.take();
    defer threads.turn.give();
    threads.resize(count) catch return .no_thread;
    return .ok;
}

pub export fn cromwell_threads() u32 {
    return threads.count();
}

/// An arena of `capacity` bytes, or null. Memory is zeroed and taken where it is touched.
pub export fn cromwell_arena_create(capacity: usize) ?*anyopaque {
    return memory.Arena.create(capacity) catch null;
}

/// `size` bytes aligned to 64, or null where the arena is full.
pub export fn cromwell_arena_allocate(arena: ?*anyopaque, size: usize) ?*anyopaque {
    const self: *memory.Arena = @ptrCast(@alignCast(arena orelse return null));
    return self.allocate(size);
}

/// Asks for large pages for what will be allocated.
pub export fn cromwell_arena_prefer_large_pages(arena: ?*anyopaque) void {
    const self: *memory.Arena = @ptrCast(@alignCast(arena orelse return));
    memory.preferLargePages(self.pages.ptr, self.pages.len);
}

pub export fn cromwell_arena_destroy(arena: ?*anyopaque) void {
    const self: *memory.Arena = @ptrCast(@alignCast(arena orelse return));
    self.destroy();
}

/// Maps a file of exactly `size` bytes, private and read-only; its address goes to `output`. `use` is 0
/// where parts of it will be read, 1 where all of it will be, again and again.
pub export fn cromwell_map_file(path: ?[*:0]const u8, size: usize, use: u32, output: ?*u64) Result {
    if (path == null or output == null) return .null_pointer;
    if (size == 0) return .bad_shape;
    if (use > @intFromEnum(memory.Use.whole)) return .bad_type;
    const pages = memory.mapFile(path.?, size, @enumFromInt(use)) catch |failure| return switch (failure) {
        error.OpenFailed => .open_failed,
        error.MapFailed => .map_failed,
        error.Changed => .file_changed,
    };
    output.?.* = @intFromPtr(pages.ptr);
    return .ok;
}

pub export fn cromwell_unmap(address: ?*anyopaque, size: usize) void {
    if (address) |start| memory.release(start, size);
}

/// Gives the physical memory of the whole pages in a part of a mapped file back.
pub export fn cromwell_forget(address: ?*anyopaque, size: usize) void {
    if (address) |start| memory.forget(start, size);
}

/// What lstat tells of many paths, from the job's `done` on until all are done or the time is over (file_statuses.zig).
pub export fn cromwell_file_statuses(job: ?*types.FileStatuses) Result {
    return file_statuses.run(job orelse return .null_pointer);
}

/// Writes the f32 values of `count` elements.
pub export fn cromwell_dequantize(format: u32, source: ?[*]const u8, count: usize, output: ?[*]align(1) f32) Result {
    if (source == null or output == null) return .null_pointer;
    if (!quant.isKnown(format)) return .bad_type;
    if (count % quant.blockSize(@enumFromInt(format)) != 0) return .bad_shape;
    if (!aligned(output) or format == 0 and !aligned(source)) return .misaligned;
    table.dequantize(format, source.?, count, @alignCast(output.?));
    return .ok;
}

/// Writes `count` values as blocks, to the byte what llama-quantize writes.
pub export fn cromwell_quantize(format: u32, source: ?[*]align(1) const f32, count: usize, output: ?[*]u8) Result {
    if (source == null or output == null) return .null_pointer;
    if (!quant.isKnown(format) or !quant.canQuantize(@enumFromInt(format))) return .bad_type;
    if (count % quant.blockSize(@enumFromInt(format)) != 0) return .bad_shape;
    if (!aligned(source) or format == 0 and !aligned(output)) return .misaligned;
    quant.quantizeRow(@enumFromInt(format), @alignCast(source.?), count, output.?);
    return .ok;
}

/// Rows `ids` of a table of [rows][columns] in any format, as f32 [count][columns].
pub export fn cromwell_embed(
    format: u32,
    source: ?[*]const u8,
    rows: u32,
    columns: u32,
    ids: ?[*]align(1) const u32,
    count: u32,
    output: ?[*]align(1) f32,
) Result {
    if (source == null or ids == null or output == null) return .null_pointer;
    if (!quant.isKnown(format)) return .bad_type;
    const known: quant.Format = @enumFromInt(format);
    if (columns == 0 or columns % quant.blockSize(known) != 0) return .bad_shape;
    if (!aligned(output) or !aligned(ids) or format == 0 and !aligned(source)) return .misaligned;
    const bytes = @as(usize, columns) / quant.blockSize(known) * quant.blockBytes(known);
    for (ids.?[0..count]) |id| if (id >= rows) return .bad_id;
    const values: [*]f32 = @alignCast(output.?);
    for (ids.?[0..count], 0..) |id, i| {
        table.dequantize(format, source.? + id * bytes, columns, values + i * columns);
    }
    return .ok;
}

/// Independent products of `m` inputs each, in one step.
pub export fn cromwell_products(list: ?[*]const types.Product, count: u32, m: u32) Result {
    var step: u32 = undefined;
    const kind = @intFromEnum(types.StepKind.products);
    return runProgram(&.{.{ .job = @ptrCast(list), .kind = kind, .count = count }}, m, 0, &step);
}

/// The steps of a program for `tokens` tokens from `position` on; `failed` tells which was refused.
pub export fn cromwell_run(
    steps: ?[*]const types.Step,
    count: u32,
    tokens: u32,
    position: u32,
    failed: ?*u32,
) Result {
    if (steps == null or failed == null) return .null_pointer;
    return runProgram(steps.?[0..count], tokens, position, failed.?);
}

fn runProgram(steps: []const types.Step, tokens: u32, position: u32, failed: *u32) Result {
    threads.turn.take();
    defer threads.turn.give();
    return program.run(table, steps, tokens, position, failed);
}

/// Bytes that a matrix takes as tiles of interleaved rows; 0 where its format has none.
pub export fn cromwell_repack_size(format: u32, rows: u32, columns: u32) usize {
    return products.repackSize(format, rows, columns) orelse 0;
}

/// The version of the tiles' layout: tiles that were stored with another one mean something else.
pub export fn cromwell_tile_layout() u32 {
    return tiles.layout_version;
}

/// Writes a matrix that lies in rows of blocks, as in a file, as tiles; output is aligned to 64.
pub export fn cromwell_repack(
    format: u32,
    source: ?[*]const u8,
    rows: u32,
    columns: u32,
    output: ?[*]u8,
) Result {
    if (source == null or output == null) return .null_pointer;
    return products.repack(table, format, source.?, .{ .rows = rows, .columns = columns }, output.?);
}

pub export fn cromwell_attention(job: ?*const types.Attention) Result {
    const self = job orelse return .null_pointer;
    threads.turn.take();
    defer threads.turn.give();
    return attention.run(table, self);
}

pub export fn cromwell_rope(job: ?*const types.Rope) Result {
    const self = job orelse return .null_pointer;
    const checked = row_steps.checkRope(self);
    if (checked != .ok) return checked;
    const body = struct {
        fn run(context: *const types.Rope, begin: u32, end: u32) void {
            table.rope(context, begin, end);
        }
    };
    row_steps.parallel(types.Rope, self, self.tokens, @as(u64, self.heads) * self.head_dim, body.run);
    return .ok;
}

pub export fn cromwell_cache_store(job: ?*const types.CacheStore) Result {
    const self = job orelse return .null_pointer;
    const checked = row_steps.checkStore(self);
    if (checked != .ok) return checked;
    const body = struct {
        fn run(context: *const types.CacheStore, begin: u32, end: u32) void {
            table.cache_store(context, begin, end);
        }
    };
    row_steps.parallel(types.CacheStore, self, self.tokens, @as(u64, self.kv_heads) * self.head_dim, body.run);
    return .ok;
}

/// RMSNorm, or LayerNorm where a bias is given.
pub export fn cromwell_norm(job: ?*const types.Norm) Result {
    const self = job orelse return .null_pointer;
    const checked = row_steps.checkNorm(self);
    if (checked != .ok) return checked;
    const body = struct {
        fn run(context: *const types.Norm, begin: u32, end: u32) void {
            table.norm(context, begin, end);
        }
    };
    row_steps.parallel(types.Norm, self, self.rows, self.columns, body.run);
    return .ok;
}

pub export fn cromwell_vector(job: ?*const types.Vector) Result {
    const self = job orelse return .null_pointer;
    const checked = row_steps.checkVector(self);
    if (checked != .ok) return checked;
    const block = row_steps.block;
    const body = struct {
        fn run(context: *const types.Vector, begin: u32, end: u32) void {
            table.vector(context, @as(u64, begin) * block, @min(context.count, @as(u64, end) * block));
        }
    };
    const blocks: u32 = @intCast(std.math.divCeil(u64, self.count, block) catch unreachable);
    row_steps.parallel(types.Vector, self, blocks, block, body.run);
    return .ok;
}

/// Sum of `count` values; 0 of none.
pub export fn cromwell_sum(values: ?[*]const f32, count: usize) f32 {
    return if (values) |v| table.sum(v, count) else 0;
}

/// Index of the largest of `count` values, the first of equals; 0 of none.
pub export fn cromwell_largest(values: ?[*]const f32, count: u32) u32 {
    return if (values) |v| table.largest(v, count) else 0;
}

/// Sum of exp(scale * (value - offset)) over `count` values; 0 of none.
pub export fn cromwell_sum_exponentials(values: ?[*]const f32, count: u32, scale: f32, offset: f32) f32 {
    return if (values) |v| table.sum_exponentials(v, count, scale, offset) else 0;
}

const SoftmaxContext = struct { rows: [*]f32, columns: usize };

/// Softmax of each row of [rows][columns], in place.
pub export fn cromwell_softmax(values: ?[*]align(1) f32, rows: u32, columns: u32) Result {
    const start = values orelse return .null_pointer;
    if (!aligned(values)) return .misaligned;
    const context: SoftmaxContext = .{ .rows = @alignCast(start), .columns = columns };
    const body = struct {
        fn run(job: *const SoftmaxContext, begin: u32, end: u32) void {
            for (begin..end) |row| table.softmax(job.rows + row * job.columns, job.columns);
        }
    };
    row_steps.parallel(SoftmaxContext, &context, rows, columns, body.run);
    return .ok;
}

pub export fn cromwell_gemm(job: ?*const types.Gemm) Result {
    return gemm.run(table, job orelse return .null_pointer);
}

/// Works at a limit of this machine with all threads; `done` gets the operations or bytes (limits.zig).
pub export fn cromwell_limit(kind: u32, buffer: ?[*]u8, count: usize, done: ?*u64) Result {
    return limits.run(table, kind, buffer, count, done orelse return .null_pointer);
}

comptime {
    _ = tokenizer;
    _ = training;
}

test {
    _ = threads;
    _ = memory;
    _ = file_statuses;
    _ = gemm;
    _ = cpu;
    _ = tokenizer;
    _ = @import("bf16_product.zig");
}
