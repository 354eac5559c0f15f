//! Matrix products behind the C ABI: checks the jobs, makes room for the inputs of tile products as
//! integers, and cuts the rows into chunks for the pool. Repacking into tiles is here too.
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
const max_following = 64;
/// Multiply-adds that one thread makes before another would have begun.
const alone = 1 << 14;

/// Independent products of the same number of inputs, ready to run on the pool.
pub const Step = struct {
    table: *const types.Table,
    list: []const types.Product,
    m: u32,
    /// Elements of one token that become integers.
    input_elements: u64,
    work: u64,
    /// Rows of one chunk, and chunks before each product.
    rows: [max_products]u32,
    before: [max_products + 1]u32,
    /// The inputs of products with tiles; products that read the same place share them.
    inputs: [max_products]Quantised,

    /// Needs the turn, until all is done.
    pub fn prepare(self: *Step, table: *const types.Table, list: []const types.Product, m: u32) Result {
        if (list.len == 0 or list.len > max_products or m == 0) return .bad_shape;
        self.table = table;
        self.list = list;
        self.m = m;
        self.work = 0;
        self.before[0] = 0;
        var size: usize = 0;
        for (list, 0..) |*product, i| {
            const checked = check(product);
            if (checked != .ok) return checked;
            size = @max(size, switch (layoutOf(product)) {
                .rows => table.product_scratch(product, m),
                .tiles => table.tile_product_scratch(product, m),
                .interleaved => 0,
            });
            self.rows[i] = chunkRows(product, m);
            self.before[i + 1] = self.before[i] + (std.math.divCeil(u32, product.rows, self.rows[i]) catch unreachable);
            self.work += @as(u64, product.rows) * product.columns * m;
        }
        if (!scratch.ensure(size) or !self.placeInputs()) return .out_of_memory;
        return .ok;
    }

    fn placeInputs(self: *Step) bool {
        var offsets: [max_products]usize = undefined;
        var size: usize = 0;
        self.input_elements = 0;
        for (self.list, 0..) |*product, i| {
            if (!isTiled(product)) continue;
            if (sharing(self.list[0..i], product)) |earlier| {
                offsets[i] = offsets[earlier];
            } else {
                offsets[i] = size;
                const bytes = Quantised.sizeOf(product.columns, self.m);
                size += std.mem.alignForward(usize, bytes, memory.alignment);
                self.input_elements += product.columns;
            }
        }
        if (!scratch.grow(&quantised, size)) return false;
        for (self.list, 0..) |*product, i| {
            if (!isTiled(product)) continue;
            const place: types.Scratch = @alignCast(quantised.?.ptr + offsets[i]);
            self.inputs[i] = Quantised.layOut(place, product.columns, self.m);
        }
        return true;
    }

    /// Inputs [begin, end) as integers; before multiply.
    pub fn quantise(self: *const Step, begin: u32, end: u32) void {
        for (self.list, 0..) |*product, i| {
            if (!isTiled(product) or sharing(self.list[0..i], product) != null) continue;
            self.table.quantise_inputs(product, &self.inputs[i], begin, end);
        }
    }

    pub fn multiply(self: *const Step) void {
        const chunks = self.before[self.list.len];
        if (self.work < alone) range(self, 0, chunks, 0) else threads.parallel(chunks, self, range);
    }

    fn range(pointer: *const anyopaque, begin: u32, end: u32, worker: u32) void {
        const self: *const Step = @ptrCast(@alignCast(pointer));
        for (self.list, 0..) |*product, i| {
            const first = @max(begin, self.before[i]) - self.before[i];
            const last = @min(end, self.before[i + 1]) -| self.before[i];
            if (first < last) self.run(i, first * self.rows[i], @min(product.rows, last *| self.rows[i]), worker);
        }
    }

    fn run(self: *const Step, index: usize, begin: u32, end: u32, worker: u32) void {
        const product = &self.list[index];
        const place = scratch.of(worker);
        for (following(product)) |*next| fetch(next, begin, end);
        switch (layoutOf(product)) {
            .rows => self.table.product(product, self.m, begin, end, place),
            .tiles => self.table.tile_product(product, &self.inputs[index], self.m, begin, end, place),
            .interleaved => self.table.interleaved_product(product, self.m, begin, end),
        }
        for (following(product)) |*next| self.table.interleaved_product(next, self.m, begin, end);
    }
};

/// Where the inputs of one step lie as integers; grown when a step needs more and kept.
var quantised: ?memory.Pages = null;

fn sharing(earlier: []const types.Product, product: *const types.Product) ?usize {
    for (earlier, 0..) |*other, i| {
        const same = other.input == product.input and other.columns == product.columns and
            other.input_stride == product.input_stride and other.coarse_below == product.coarse_below;
        if (same and isTiled(other) and std.meta.eql(sumsOf(other), sumsOf(product))) return i;
    }
    return null;
}

fn layoutOf(product: *const types.Product) types.Layout {
    return @enumFromInt(product.layout);
}

fn sumsOf(product: *const types.Product) tiles.Sums {
    return tiles.sumsOf(@enumFromInt(product.format));
}

fn isTiled(product: *const types.Product) bool {
    return layoutOf(product) == .tiles;
}

/// Has rows of a following product fetched while the product before it is made.
fn fetch(next: *const types.Product, begin: u32, end: u32) void {
    const bytes = @as(usize, next.columns) * @as(usize, if (next.format == @intFromEnum(quant.Format.f16)) 2 else 4);
    var at = begin * bytes;
    while (at < end * bytes) : (at += 64) @prefetch(next.weight.? + at, .{});
}

fn following(product: *const types.Product) []const types.Product {
    return if (product.next) |list| list[0..product.next_count] else &.{};
}

/// Rows a chunk: a tile, two where several inputs may meet them side by side, or as many rows as a
/// product without tiles has in its panel; more where there would be too many to count.
fn chunkRows(product: *const types.Product, m: u32) u32 {
    const least: u32 = if (isTiled(product) and m > 1) 2 * tiles.rows else tiles.rows;
    return std.mem.alignForward(u32, @max(least, product.rows >> 16), least);
}

fn check(product: *const types.Product) Result {
    const checked = checkOne(product);
    if (checked != .ok or product.next == null) return checked;
    const address: *const usize = @ptrCast(&product.next);
    if (address.* % @alignOf(types.Product) != 0) return .misaligned;
    if (product.next_count > max_following) return .bad_shape;
    for (following(product)) |*next| {
        const result = checkOne(next);
        if (result != .ok) return result;
        if (layoutOf(next) != .interleaved) return .bad_type;
        if (next.rows != product.rows or next.next != null) return .bad_shape;
    }
    return .ok;
}

fn checkOne(product: *const types.Product) Result {
    if (product.weight == null or product.input == null or product.output == null) return .null_pointer;
    if (!quant.isKnown(product.format)) return .bad_type;
    if (product.layout > @intFromEnum(types.Layout.interleaved)) return .bad_type;
    const format: quant.Format = @enumFromInt(product.format);
    if (product.rows == 0 or product.columns == 0 or product.columns > 1 << 20) return .bad_shape;
    if (product.columns % quant.blockSize(format) != 0) return .bad_shape;
    if (product.input_stride < product.columns or product.output_stride < product.rows) return .bad_shape;
    if (!checks.fieldsAligned(product, &.{ "input", "output", "bias" })) return .misaligned;
    if (product.format == 0 and !checks.aligned(product.weight)) return .misaligned;
    switch (layoutOf(product)) {
        .rows => return .ok,
        .tiles => if (!tiles.hasTiles(format)) return .bad_type,
        .interleaved => if (format != .f32 and format != .f16) return .bad_type,
    }
    return if (@intFromPtr(product.weight) % memory.alignment == 0) .ok else .misaligned;
}

pub const Shape = struct { rows: u32, columns: u32 };

/// Bytes of a matrix as tiles, or null where it has none.
pub fn repackSize(id: u32, rows: u32, columns: u32) ?usize {
    if (!quant.isKnown(id) or rows == 0 or columns == 0 or columns > 1 << 20) return null;
    if (rows > threads.max_chunks * tiles.rows) return null;
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
