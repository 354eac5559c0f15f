//! Products of integer inputs with weights in tiles of 16 rows. A group of weights, of two tiles where
//! there are registers for both, is unpacked into them and meets every input there. Sums over a group
//! are exact integers, which then meet the scales in one order along k: so an output has the same bits
//! however many inputs are computed together, and however rows are cut.
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
/// Vectors of one tile's 16 rows.
const parts = output.parts;
/// Tiles that inputs meet side by side, so that an input is loaded once for all of them: as many as
/// leave the weights of a group in registers.
const side = if (lanes == 16) 2 else 1;
/// Up to so many inputs are as fast with one tile, and faster where their number is known while compiling:
/// their totals stay in registers, and memory is read in one stream.
const few = if (lanes == 16) 2 else 4;
/// Inputs whose totals stay in the first-level cache.
const resident = 256;
/// Bytes ahead of what is read that are fetched: more than the CPU's own prefetching has under way.
const ahead = 12288;

pub fn scratchSize(_: *const Product, m: u32) callconv(.c) usize {
    const tokens: usize = @min(m, resident);
    return tokens * @sizeOf([side * parts]V);
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
    inline for (tiles.formats) |each| if (each == format) {
        const shape = comptime tiles.shapeOf(each);
        inline for (1..few + 1) |known| {
            if (m == known) return Kernel(shape, 1).some(known, job, inputs, begin, end);
        }
        const count = std.math.divCeil(u32, end - begin, tiles.rows) catch unreachable;
        const middle = @min(end, begin + count / side * side * tiles.rows);
        Kernel(shape, side).many(job, inputs, begin, middle, scratch);
        Kernel(shape, 1).many(job, inputs, middle, end, scratch);
    };
}

/// Products of as many tiles at once as are `wide`.
fn Kernel(comptime shape: tiles.Shape, comptime wide: usize) type {
    return struct {
        /// A total for each row.
        const Totals = [wide * parts]V;
        /// How many of these vectors are multiplied at once: as few as leave the weights of a group in
        /// registers, all where they do not fit in any case.
        const joined = if (lanes == 8) 1 else wide * parts;
        const Reader = tiles.Reader(shape, lanes);
        const Kind = quads.Quads(shape.bits);
        const count = shape.group / 4;

        fn some(comptime m: usize, job: *const Product, inputs: *const Quantised, begin: usize, end: usize) void {
            var row = begin;
            while (row < end) : (row += tiles.rows) {
                var totals: [m]Totals = @splat(@splat(simd.splat(0)));
                multiply(m, job, row, inputs, 0, &totals);
                inline for (&totals, 0..) |*each, token| write(job, token, row, end, each);
            }
        }

        fn many(job: *const Product, inputs: *const Quantised, begin: usize, end: usize, scratch: table.Scratch) void {
            const memory: [*]align(64) Totals = @ptrCast(scratch);
            var first: usize = 0;
            while (first < inputs.inputs) : (first += resident) {
                const totals = memory[0..@min(resident, inputs.inputs - first)];
                var row = begin;
                while (row < end) : (row += wide * tiles.rows) {
                    @memset(totals, @splat(simd.splat(0)));
                    multiply(null, job, row, inputs, first, totals);
                    for (totals, first..) |*each, token| write(job, token, row, end, each);
                }
            }
        }

        inline fn write(job: *const Product, token: usize, row: usize, end: usize, totals: *const Totals) void {
            inline for (0..wide) |i| {
                const from = row + i * tiles.rows;
                output.write(job, token, from, @min(end - from, tiles.rows), totals[i * parts ..][0..parts]);
            }
        }

        /// Adds the products of the tiles from `row` with the inputs from `first` to their totals.
        inline fn multiply(
            comptime known: ?usize,
            job: *const Product,
            row: usize,
            inputs: *const Quantised,
            first: usize,
            totals: []Totals,
        ) void {
            // Narrow vectors take more parts, all unrolled.
            @setEvalBranchQuota(20_000);
            const tile_bytes = job.columns / shape.blockSize() * shape.blockBytes();
            var block = job.weight.? + row / tiles.rows * tile_bytes;
            // From here on what is ahead lies behind all of these tiles.
            const last = @intFromPtr(block + tile_bytes) -| ahead / wide;
            var k: usize = 0;
            while (k < inputs.blocks * Quantised.block) : (block += shape.blockBytes()) {
                var units: [wide]Reader.Units = undefined;
                inline for (&units, 0..) |*each, i| each.* = Reader.units(block + i * tile_bytes);
                var group = block + shape.headerBytes();
                for (0..shape.groups) |_| {
                    const others = if (@intFromPtr(group) < last) 0 else (wide - 1) * tile_bytes;
                    inline for (0..wide) |i| fetch(group + ahead / wide + others + i * tile_bytes);
                    comptime var part = 0;
                    inline while (part < wide * parts) : (part += joined) {
                        const weights: Weights(part) = .read(&units, group, tile_bytes);
                        weights.meet(known, inputs.*, first, k, totals);
                    }
                    k += shape.group;
                    group += shape.groupBytes();
                }
            }
        }

        inline fn fetch(group: [*]const u8) void {
            inline for (0..(shape.groupBytes() + 63) / 64) |line| @prefetch(group + line * 64, .{});
        }

        /// A group's weights for some of the tiles' rows, unpacked.
        fn Weights(comptime part: usize) type {
            return struct {
                quants: [count][joined]Kind.Weights,
                scale: [joined]V,
                fine_scale: [joined]V,
                minimum: if (shape.minimum) [joined]V else void,

                inline fn read(units: *const [wide]Reader.Units, first: [*]const u8, tile_bytes: usize) @This() {
                    var self: @This() = undefined;
                    inline for (0..joined) |i| {
                        const tile = (part + i) / parts;
                        const within = (part + i) % parts;
                        const group = first + tile * tile_bytes;
                        self.scale[i] = Reader.scale(&units[tile], group, within);
                        self.fine_scale[i] = self.scale[i] * simd.splat(1.0 / @as(f32, Quantised.steps));
                        if (shape.minimum) self.minimum[i] = Reader.minimum(&units[tile], group, within);
                        inline for (&self.quants, 0..) |*quad, at| {
                            quad[i] = Kind.from(Reader.quad(group, at, within));
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
                    const at = k / Quantised.block;
                    const place = at * (known orelse inputs.inputs) + first;
                    for (0..known orelse totals.len) |t| {
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
                    if (known) |m| return inline for (0..m) |t| {
                        if (flags[t] != 0) self.refine(inputs, place + t, k, &totals[t]);
                    };
                    var word: usize = 0;
                    while (word < totals.len) : (word += Quantised.word) {
                        var refined = flagsOf(flags + word, totals.len - word);
                        while (refined != 0) : (refined &= refined - 1) {
                            const t = word + @ctz(refined);
                            self.refine(inputs, place + t, k, &totals[t]);
                        }
                    }
                }

                inline fn refine(self: *const @This(), inputs: Quantised, place: usize, k: usize, totals: *Totals) void {
                    const within = place * Quantised.block + k % Quantised.block;
                    const start = inputs.fine_starts[within / shape.group];
                    const sums = self.with(totals.*, inputs.fine + within, start, &self.fine_scale, inputs.scales[place]);
                    totals[part..][0..joined].* = sums;
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
