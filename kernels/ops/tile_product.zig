//! Products of integer inputs with weights in tiles of 16 rows. A group of weights is unpacked into
//! registers and meets every input there. Sums over a group are exact integers, which then meet the
//! scales in one order along k: so an output has the same bits however many inputs are computed
//! together, and however rows are cut.
const std = @import("std");
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const tiles = @import("../quant/tiles.zig");
const quads = @import("quad_products.zig");
const output = @import("tile_output.zig");
const Format = @import("../quant/formats.zig").Format;
const Product = table.Product;
const Quantised = @import("../quantised.zig").Quantised;
const V = simd.V;

const lanes = simd.lanes;
/// Vectors of one tile's 16 rows, and how many of them are multiplied at once: as few as leave the
/// weights of a group in registers, all where they do not fit in any case.
const parts = output.parts;
const joined = if (lanes == 4) parts else 1;
/// Inputs whose totals stay in the first-level cache.
const resident = 256;
/// Bytes ahead of what is read that are fetched: products with several inputs compute for so long
/// that the CPU's own prefetching falls behind.
const ahead = 4096;

/// A total for each row of a tile.
const Totals = [parts]V;

pub fn scratchSize(_: *const Product, m: u32) callconv(.c) usize {
    const tokens: usize = @min(m, resident);
    return tokens * @sizeOf(Totals);
}

pub fn run(
    job: *const Product,
    inputs: *const Quantised,
    m: u32,
    begin: u32,
    end: u32,
    scratch: table.Scratch,
) callconv(.c) void {
    const format: Format = @enumFromInt(job.format);
    inline for (tiles.formats) |known| if (known == format) {
        const kernel = Kernel(tiles.shapeOf(known));
        if (m == 1) kernel.one(job, inputs, begin, end) else kernel.many(job, inputs, begin, end, scratch);
    };
}

fn Kernel(comptime shape: tiles.Shape) type {
    return struct {
        const Reader = tiles.Reader(shape, lanes);
        const Kind = quads.Quads(shape.bits);
        const count = shape.group / 4;

        fn one(job: *const Product, inputs: *const Quantised, begin: usize, end: usize) void {
            var row = begin;
            while (row < end) : (row += tiles.rows) {
                var totals: [1]Totals = @splat(@splat(simd.splat(0)));
                multiply(1, tileAt(job, row), inputs, 0, &totals);
                output.write(job, 0, row, @min(end - row, tiles.rows), &totals[0]);
            }
        }

        fn many(job: *const Product, inputs: *const Quantised, begin: usize, end: usize, scratch: table.Scratch) void {
            const memory: [*]align(64) Totals = @ptrCast(scratch);
            var first: usize = 0;
            while (first < inputs.inputs) : (first += resident) {
                const totals = memory[0..@min(resident, inputs.inputs - first)];
                var row = begin;
                while (row < end) : (row += tiles.rows) {
                    @memset(totals, @splat(simd.splat(0)));
                    multiply(null, tileAt(job, row), inputs, first, totals);
                    for (totals, first..) |*each, token| {
                        output.write(job, token, row, @min(end - row, tiles.rows), each);
                    }
                }
            }
        }

        fn tileAt(job: *const Product, row: usize) [*]const u8 {
            const bytes = job.columns / shape.blockSize() * shape.blockBytes();
            return job.weight.? + row / tiles.rows * bytes;
        }

        /// Adds the products of a tile with the inputs from `first` to their totals. How many inputs
        /// is known while compiling where there is one: its totals then stay in registers.
        inline fn multiply(
            comptime known: ?usize,
            tile: [*]const u8,
            inputs: *const Quantised,
            first: usize,
            totals: []Totals,
        ) void {
            // Narrow vectors take more parts, all unrolled.
            @setEvalBranchQuota(20_000);
            var block = tile;
            var k: usize = 0;
            while (k < inputs.blocks * Quantised.block) : (block += shape.blockBytes()) {
                const units = Reader.units(block);
                var group = block + shape.headerBytes();
                for (0..shape.groups) |_| {
                    if (known == null) fetchAhead(group);
                    comptime var part = 0;
                    inline while (part < parts) : (part += joined) {
                        const weights: Weights(part) = .read(&units, group);
                        weights.meet(known, inputs.*, first, k, totals);
                    }
                    k += shape.group;
                    group += shape.groupBytes();
                }
            }
        }

        inline fn fetchAhead(group: [*]const u8) void {
            inline for (0..(shape.groupBytes() + 63) / 64) |line| @prefetch(group + ahead + line * 64, .{});
        }

        /// A group's weights for some of the tile's rows, unpacked.
        fn Weights(comptime part: usize) type {
            return struct {
                quants: [count][joined]Kind.Weights,
                scale: [joined]V,
                fine_scale: [joined]V,
                minimum: if (shape.minimum) [joined]V else void,

                inline fn read(units: *const Reader.Units, group: [*]const u8) @This() {
                    var self: @This() = undefined;
                    inline for (0..joined) |i| {
                        self.scale[i] = Reader.scale(units, group, part + i);
                        self.fine_scale[i] = self.scale[i] * simd.splat(1.0 / @as(f32, Quantised.steps));
                        if (shape.minimum) self.minimum[i] = Reader.minimum(units, group, part + i);
                        inline for (&self.quants, 0..) |*quad, at| {
                            quad[i] = Kind.from(Reader.quad(group, at, part + i));
                        }
                    }
                    return self;
                }

                inline fn meet(
                    self: *const @This(),
                    comptime known: ?usize,
                    // By value: a store to the totals cannot change it.
                    inputs: Quantised,
                    first: usize,
                    k: usize,
                    totals: []Totals,
                ) void {
                    const m = known orelse totals.len;
                    const at = k / Quantised.block;
                    const place = at * (known orelse inputs.inputs) + first;
                    for (0..m) |t| {
                        const within = (place + t) * Quantised.block + k % Quantised.block;
                        const start = inputs.coarse_starts[within / shape.group];
                        const scale = inputs.scales[place + t];
                        var sums = self.with(totals[t], inputs.coarse + within, start, &self.scale, scale);
                        if (shape.minimum) inline for (&sums, self.minimum) |*sum, minimum| {
                            sum.* = simd.mulAdd(V, minimum, simd.splat(inputs.offsets[place + t]), sum.*);
                        };
                        totals[t][part..][0..joined].* = sums;
                    }
                    const flags = inputs.refined + at * inputs.flags + first;
                    var word: usize = 0;
                    while (word < m) : (word += Quantised.word) {
                        var refined = if (m == 1) flags[0] else flagsOf(flags + word, m - word);
                        while (refined != 0) : (refined &= refined - 1) {
                            const t = word + @ctz(refined);
                            const within = (place + t) * Quantised.block + k % Quantised.block;
                            const start = inputs.fine_starts[within / shape.group];
                            const scale = inputs.scales[place + t];
                            const sums = self.with(totals[t], inputs.fine + within, start, &self.fine_scale, scale);
                            totals[t][part..][0..joined].* = sums;
                        }
                    }
                }

                /// The part's totals plus the products of one input.
                inline fn with(
                    self: *const @This(),
                    totals: Totals,
                    input: [*]const i8,
                    start: i32,
                    units: *const [joined]V,
                    scale: f32,
                ) [joined]V {
                    const dots = Kind.dot(joined, count, &self.quants, input, if (shape.minimum) 0 else start);
                    var sums: [joined]V = totals[part..][0..joined].*;
                    inline for (&sums, dots, units) |*sum, dot, unit| {
                        sum.* = simd.mulAdd(V, @floatFromInt(dot), unit * simd.splat(scale), sum.*);
                    }
                    return sums;
                }
            };
        }
    };
}

/// A bit for each of the first `count` flags, at most a word of them.
inline fn flagsOf(flags: [*]const u8, count: usize) u64 {
    const bytes: @Vector(Quantised.word, u8) = flags[0..Quantised.word].*;
    const all: u64 = @bitCast(bytes != @as(@TypeOf(bytes), @splat(0)));
    return if (count >= Quantised.word) all else all & ((@as(u64, 1) << @intCast(count)) - 1);
}
