//! Matrix products behind the C ABI: checks the jobs, turns the inputs of tile products into
//! integers once, and cuts the rows into chunks for the pool. Repacking into tiles is here too.
const std = @import("std");
const checks = @import("checks.zig");
const memory = @import("memory.zig");
const scratch = @import("scratch.zig");
const threads = @import("threads.zig");
const quant = @import("quant/formats.zig");
const tiles = @import("quant/tiles.zig");
const types = @import("table.zig");
const Quantised = @import("quantised.zig").Quantised;
const Result = checks.Result;

const max_products = 8;
/// Multiply-adds that one thread makes before another would have begun.
const alone = 1 << 14;

/// Independent products of `m` inputs each, in one step.
pub fn run(table: *const types.Table, products: []const types.Product, m: u32) Result {
    if (products.len == 0 or products.len > max_products or m == 0) return .bad_shape;
    threads.turn.take();
    defer threads.turn.give();
    var context: Context = .{ .table = table, .products = products, .m = m };
    var size: usize = 0;
    var chunks: u32 = 0;
    var work: u64 = 0;
    for (products, 0..) |*product, i| {
        const checked = check(product);
        if (checked != .ok) return checked;
        const needed = if (isTiled(product)) table.tile_product_scratch else table.product_scratch;
        size = @max(size, needed(product, m));
        context.step[i] = stepFor(product);
        context.before[i] = chunks;
        work += @as(u64, product.rows) * product.columns * m;
        chunks += std.math.divCeil(u32, product.rows, context.step[i]) catch unreachable;
    }
    context.before[products.len] = chunks;
    if (!scratch.ensure(size) or !quantiseInputs(&context)) return .out_of_memory;
    if (work < alone) Context.range(&context, 0, chunks, 0) else threads.parallel(chunks, &context, Context.range);
    return .ok;
}

const Context = struct {
    table: *const types.Table,
    products: []const types.Product,
    m: u32,
    /// Rows of one chunk, and chunks before each product.
    step: [max_products]u32 = undefined,
    before: [max_products + 1]u32 = undefined,
    /// The inputs of products with tiles.
    inputs: [max_products]Quantised = undefined,

    fn range(pointer: *const anyopaque, begin: u32, end: u32, worker: u32) void {
        const self: *const Context = @ptrCast(@alignCast(pointer));
        for (self.products, 0..) |*product, which| {
            const before = self.before[which];
            const first = @max(begin, before);
            const last = @min(end, self.before[which + 1]);
            if (first >= last) continue;
            const step = self.step[which];
            self.rows(which, (first - before) * step, @min(product.rows, (last - before) *| step), worker);
        }
    }

    fn rows(self: *const Context, which: usize, begin: u32, end: u32, worker: u32) void {
        const product = &self.products[which];
        if (isTiled(product)) {
            self.table.tile_product(product, &self.inputs[which], self.m, begin, end, scratch.of(worker));
        } else self.table.product(product, self.m, begin, end, scratch.of(worker));
    }
};

fn isTiled(product: *const types.Product) bool {
    return product.layout == @intFromEnum(types.Layout.tiles);
}

/// Rows a chunk: a tile, or as many rows as a product without tiles has in its panel; more where
/// there would be too many to count.
fn stepFor(product: *const types.Product) u32 {
    return std.mem.alignForward(u32, @max(tiles.rows, product.rows >> 16), tiles.rows);
}

fn check(product: *const types.Product) Result {
    if (product.weight == null or product.input == null or product.output == null) return .null_pointer;
    if (!quant.isKnown(product.format)) return .bad_type;
    if (product.layout > @intFromEnum(types.Layout.tiles)) return .bad_type;
    const format: quant.Format = @enumFromInt(product.format);
    if (product.rows == 0 or product.columns == 0 or product.columns > 1 << 20) return .bad_shape;
    if (product.columns % quant.blockSize(format) != 0) return .bad_shape;
    if (product.input_stride < product.columns or product.output_stride < product.rows) return .bad_shape;
    if (!checks.fieldsAligned(product, &.{ "input", "output", "bias" })) return .misaligned;
    if (product.format == 0 and !checks.aligned(product.weight)) return .misaligned;
    if (isTiled(product)) {
        if (!tiles.hasTiles(format)) return .bad_type;
        if (@intFromPtr(product.weight) % memory.alignment != 0) return .misaligned;
    }
    return .ok;
}

/// Where the inputs of one step lie as integers; grown when a step needs more and kept.
var quantised: ?memory.Pages = null;

/// Fills in context.inputs; products that read the same place share them.
fn quantiseInputs(context: *Context) bool {
    var offsets: [max_products]usize = undefined;
    var size: usize = 0;
    for (context.products, 0..) |*product, i| {
        if (!isTiled(product)) continue;
        if (sharing(context.products[0..i], product)) |earlier| {
            offsets[i] = offsets[earlier];
        } else {
            offsets[i] = size;
            const bytes = Quantised.sizeOf(product.columns, context.m);
            size += std.mem.alignForward(usize, bytes, memory.alignment);
        }
    }
    if (!scratch.grow(&quantised, size)) return false;
    for (context.products, 0..) |*product, i| {
        if (!isTiled(product)) continue;
        const place: types.Scratch = @alignCast(quantised.?.ptr + offsets[i]);
        context.inputs[i] = Quantised.layOut(place, product.columns, context.m);
        if (sharing(context.products[0..i], product) == null) quantise(context, i);
    }
    return true;
}

fn sharing(earlier: []const types.Product, product: *const types.Product) ?usize {
    for (earlier, 0..) |*other, i| {
        const same = other.input == product.input and other.columns == product.columns and
            other.input_stride == product.input_stride;
        if (same and isTiled(other)) return i;
    }
    return null;
}

/// On the calling thread alone where waking others would take longer.
fn quantise(context: *const Context, index: usize) void {
    const product = &context.products[index];
    const job: Quantise = .{
        .table = context.table,
        .product = product,
        .output = &context.inputs[index],
        .m = context.m,
    };
    if (@as(u64, context.m) * product.columns < 1 << 15) return job.tokens(0, context.m);
    const chunks = (context.m + Quantise.step - 1) / Quantise.step;
    threads.parallel(chunks, &job, Quantise.range);
}

const Quantise = struct {
    table: *const types.Table,
    product: *const types.Product,
    output: *const Quantised,
    m: u32,

    const step = 4;

    fn tokens(self: *const Quantise, begin: u32, end: u32) void {
        self.table.quantise_inputs(self.product, self.output, begin, end);
    }

    fn range(pointer: *const anyopaque, begin: u32, end: u32, _: u32) void {
        const self: *const Quantise = @ptrCast(@alignCast(pointer));
        self.tokens(begin * step, @min(self.m, end * step));
    }
};

pub const Shape = struct { rows: u32, columns: u32 };

/// Bytes of a matrix as tiles, or null where it has none.
pub fn repackSize(id: u32, rows: u32, columns: u32) ?usize {
    if (!quant.isKnown(id) or rows == 0 or columns == 0 or columns > 1 << 20) return null;
    const format: quant.Format = @enumFromInt(id);
    if (!tiles.hasTiles(format) or columns % quant.blockSize(format) != 0) return null;
    return tiles.sizeOf(format, rows, columns);
}

/// Writes the tiles of a matrix of rows, on all threads.
pub fn repack(table: *const types.Table, id: u32, source: [*]const u8, shape: Shape, output: [*]u8) Result {
    if (!quant.isKnown(id) or !tiles.hasTiles(@enumFromInt(id))) return .bad_type;
    if (repackSize(id, shape.rows, shape.columns) == null) return .bad_shape;
    if (@intFromPtr(output) % memory.alignment != 0) return .misaligned;
    memory.preferLargePages(output, tiles.sizeOf(@enumFromInt(id), shape.rows, shape.columns));
    threads.turn.take();
    defer threads.turn.give();
    const count = std.math.divCeil(u32, shape.rows, tiles.rows) catch unreachable;
    const job: Repack = .{
        .table = table,
        .format = id,
        .source = source,
        .shape = shape,
        .output = output,
    };
    threads.parallel(count, &job, Repack.range);
    return .ok;
}

const Repack = struct {
    table: *const types.Table,
    format: u32,
    source: [*]const u8,
    shape: Shape,
    output: [*]u8,

    fn range(pointer: *const anyopaque, begin: u32, end: u32, _: u32) void {
        const self: *const Repack = @ptrCast(@alignCast(pointer));
        const shape = self.shape;
        self.table.repack(self.format, self.source, shape.rows, shape.columns, self.output, begin, end);
    }
};
