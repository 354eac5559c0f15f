//! Products of 16-bit inputs with weights in tiles of 16 rows. Sums over a group of weights are exact
//! integers, which then meet the scales in one order along k: so an output has the same bits however
//! many inputs are computed together, and however rows are cut.
//!
//! A few inputs (decode) meet each weight as it is unpacked, in registers. For more (a prompt, a
//! checked draft) a piece of a tile is unpacked into the first-level cache and meets all of them.
const std = @import("std");
const builtin = @import("builtin");
const simd = @import("../simd.zig");
const table = @import("../table.zig");
const tiles = @import("../quant/tiles.zig");
const arithmetic = @import("multiply_add.zig");
const Format = @import("../quant/formats.zig").Format;
const Product = table.Product;
const Quantised = @import("../quantised.zig").Quantised;
const V = simd.V;
const Words = arithmetic.Words;
const Sums = arithmetic.Sums;

const lanes = simd.lanes;
/// Vectors of one tile's 16 rows.
const parts = tiles.rows / lanes;

/// Inputs at once that meet weights as they are unpacked, and up to how many that is faster than
/// to unpack first. Chosen by measurement, as is `many` (bench/products).
const few = 4;
const direct = if (lanes == 16) 8 else few;
/// Inputs at once of an unpacked piece.
const many = if (lanes == 16) 8 else if (lanes == 8) 4 else if (builtin.cpu.arch == .aarch64) 4 else 2;
/// Bytes ahead of what is read that are fetched: products with several inputs compute for so long
/// that the CPU's own prefetching falls behind.
const ahead = 4096;
/// Elements of k unpacked at once, a multiple of every block.
const piece = 256;
/// Bytes of quantised inputs that stay in the second-level cache while weights go by.
const resident = 256 << 10;

/// What one chunk of rows needs: an unpacked piece with its scales, and totals of the inputs.
const Scratch = struct {
    words: [*]align(64) Words,
    scales: [*]align(64) V,
    minimums: [*]align(64) V,
    totals: [*]align(64) V,

    const words_bytes = piece * tiles.rows * 2;
    /// Groups have 16 elements at least.
    const scales_bytes = piece / 16 * tiles.rows * 4;

    fn of(memory: table.Scratch) Scratch {
        return .{
            .words = @ptrCast(memory),
            .scales = @ptrCast(@alignCast(memory + words_bytes)),
            .minimums = @ptrCast(@alignCast(memory + words_bytes + scales_bytes)),
            .totals = @ptrCast(@alignCast(memory + words_bytes + 2 * scales_bytes)),
        };
    }
};

pub fn scratchSize(job: *const Product, m: u32) callconv(.c) usize {
    const tokens = @min(m, residentTokens(job.columns));
    return Scratch.words_bytes + 2 * Scratch.scales_bytes + tokens * tiles.rows * 4;
}

fn residentTokens(columns: usize) usize {
    return @max(4, resident / (columns * 2) / many) * many;
}

pub fn run(
    job: *const Product,
    inputs: *const Quantised,
    m: u32,
    begin: u32,
    end: u32,
    scratch: table.Scratch,
) callconv(.c) void {
    @setEvalBranchQuota(20_000);
    const format: Format = @enumFromInt(job.format);
    inline for (tiles.formats) |known| if (known == format) {
        const kernel = Kernel(tiles.shapeOf(known));
        if (m > direct) return kernel.runMany(job, inputs, m, begin, end, .of(scratch));
        return kernel.runFew(job, inputs, m, begin, end);
    };
}

fn Kernel(comptime shape: tiles.Shape) type {
    return struct {
        const Reader = tiles.Reader(shape, lanes);
        const pairs = shape.group / 2;
        const Walk = Unpacked(shape.group, shape.minimum);

        fn runFew(job: *const Product, inputs: *const Quantised, m: usize, begin: usize, end: usize) void {
            const bytes = job.columns / shape.blockSize() * shape.blockBytes();
            var row = begin;
            while (row < end) : (row += tiles.rows) {
                const tile = job.weight.? + row / tiles.rows * bytes;
                var first: usize = 0;
                while (first < m) : (first += few) {
                    inline for (1..few + 1) |count| if (@min(few, m - first) == count) {
                        const totals = fewInputs(count, tile, inputs.from(first));
                        for (&totals, first..) |*each, t| {
                            write(job, t, row, @min(end - row, tiles.rows), each);
                        }
                    };
                }
            }
        }

        fn fewInputs(comptime m: usize, tile: [*]const u8, inputs: Quantised) Totals(m) {
            @setEvalBranchQuota(20_000);
            var totals: Totals(m) = @splat(@splat(simd.splat(0)));
            var block = tile;
            var k: usize = 0;
            while (k < inputs.blocks * Quantised.block) : (block += shape.blockBytes()) {
                const units = Reader.units(block);
                var group = block + shape.headerBytes();
                for (0..shape.groups) |_| {
                    fetchAhead(group);
                    const sums = fewSums(m, group, &inputs, k);
                    const at = k / Quantised.block;
                    inline for (0..parts) |part| {
                        const scale = Reader.scale(&units, group, part);
                        const minimum = if (shape.minimum) Reader.minimum(&units, group, part) else {};
                        inline for (0..m) |t| {
                            const place = t * inputs.blocks + at;
                            const total = addScaled(totals[t][part], sums[t][part], scale, inputs.scales[place]);
                            const offset = if (shape.minimum) inputs.offsets[place] else {};
                            totals[t][part] = if (shape.minimum) addOffset(total, minimum, offset) else total;
                        }
                    }
                    k += shape.group;
                    group += shape.groupBytes();
                }
            }
            return totals;
        }

        inline fn fetchAhead(group: [*]const u8) void {
            inline for (0..(shape.groupBytes() + 63) / 64) |line| @prefetch(group + ahead + line * 64, .{});
        }

        inline fn fewSums(comptime m: usize, group: [*]const u8, inputs: *const Quantised, k: usize) [m][parts]Sums {
            @setEvalBranchQuota(20_000);
            var sums: [m][parts]Sums = @splat(@splat(@splat(0)));
            inline for (0..pairs) |step| {
                const pair = comptime Reader.pairAt(step);
                inline for (0..parts) |part| {
                    const weights = Reader.quants(group, step, part);
                    inline for (0..m) |t| {
                        const input = spread(inputs.quants + t * inputs.stride + k, pair);
                        sums[t][part] = arithmetic.multiplyAdd(sums[t][part], weights, input);
                    }
                }
            }
            return sums;
        }

        fn runMany(
            job: *const Product,
            inputs: *const Quantised,
            m: usize,
            begin: usize,
            end: usize,
            scratch: Scratch,
        ) void {
            const columns: usize = job.columns;
            const bytes = columns / shape.blockSize() * shape.blockBytes();
            const step = residentTokens(columns);
            var first: usize = 0;
            while (first < m) : (first += step) {
                const tokens = @min(step, m - first);
                var row = begin;
                while (row < end) : (row += tiles.rows) {
                    const tile = job.weight.? + row / tiles.rows * bytes;
                    @memset(scratch.totals[0 .. tokens * parts], simd.splat(0));
                    var k: usize = 0;
                    while (k < columns) : (k += piece) {
                        const groups = @min(piece, columns - k) / shape.group;
                        unpack(tile + k / shape.blockSize() * shape.blockBytes(), groups, scratch);
                        Walk.all(inputs, first, tokens, k, groups, scratch);
                    }
                    for (0..tokens) |t| {
                        const totals = scratch.totals[t * parts ..][0..parts];
                        write(job, first + t, row, @min(end - row, tiles.rows), totals);
                    }
                }
            }
        }

        /// The quants of `groups` groups as [pair][part], their scales as [group][part].
        fn unpack(source: [*]const u8, groups: usize, scratch: Scratch) void {
            @setEvalBranchQuota(20_000);
            for (0..groups / shape.groups) |b| {
                const block = source + b * shape.blockBytes();
                const units = Reader.units(block);
                for (0..shape.groups) |i| {
                    const g = b * shape.groups + i;
                    const group = block + shape.headerBytes() + i * shape.groupBytes();
                    fetchAhead(group);
                    inline for (0..parts) |part| {
                        scratch.scales[g * parts + part] = Reader.scale(&units, group, part);
                        if (shape.minimum) {
                            scratch.minimums[g * parts + part] = Reader.minimum(&units, group, part);
                        }
                        inline for (0..pairs) |step| {
                            const at = (g * pairs + comptime Reader.pairAt(step)) * parts + part;
                            scratch.words[at] = Reader.quants(group, step, part);
                        }
                    }
                }
            }
        }
    };
}

/// The walk of many inputs over an unpacked piece: the same code for all formats of one group size.
fn Unpacked(comptime group: usize, comptime has_minimum: bool) type {
    return struct {
        const pairs = group / 2;

        fn all(inputs: *const Quantised, first: usize, tokens: usize, k: usize, groups: usize, scratch: Scratch) void {
            var t: usize = 0;
            while (tokens - t >= many) : (t += many) some(many, inputs, first, t, k, groups, scratch);
            inline for (1..many) |rest| {
                if (tokens - t == rest) return some(rest, inputs, first, t, k, groups, scratch);
            }
        }

        fn some(
            comptime m: usize,
            inputs: *const Quantised,
            first: usize,
            t: usize,
            k: usize,
            groups: usize,
            scratch: Scratch,
        ) void {
            @setEvalBranchQuota(20_000);
            const totals: *Totals(m) = @ptrCast(scratch.totals + t * parts);
            const quants = inputs.quants + (first + t) * inputs.stride + k;
            const at = (first + t) * inputs.blocks + k / Quantised.block;
            for (0..groups) |g| {
                const sums = groupSums(m, scratch.words + g * pairs * parts, quants + g * group, inputs.stride);
                const scale_at = at + g * group / Quantised.block;
                inline for (0..m) |i| inline for (0..parts) |part| {
                    const place = scale_at + i * inputs.blocks;
                    const vector = g * parts + part;
                    const scale = scratch.scales[vector];
                    const total = addScaled(totals[i][part], sums[i][part], scale, inputs.scales[place]);
                    totals[i][part] = if (has_minimum)
                        addOffset(total, scratch.minimums[vector], inputs.offsets[place])
                    else
                        total;
                };
            }
        }

        inline fn groupSums(
            comptime m: usize,
            weights: [*]const Words,
            quants: [*]const i16,
            stride: usize,
        ) [m][parts]Sums {
            @setEvalBranchQuota(20_000);
            var sums: [m][parts]Sums = @splat(@splat(@splat(0)));
            inline for (0..pairs) |pair| {
                inline for (0..m) |i| {
                    const input = spread(quants + i * stride, pair);
                    inline for (0..parts) |part| {
                        sums[i][part] = arithmetic.multiplyAdd(sums[i][part], weights[pair * parts + part], input);
                    }
                }
            }
            return sums;
        }
    };
}

fn Totals(comptime m: usize) type {
    return [m][parts]V;
}

/// One pair of an input in every lane.
inline fn spread(quants: [*]const i16, comptime pair: usize) Words {
    const both: *align(2) const i32 = @ptrCast(quants + 2 * pair);
    return @bitCast(@as(Sums, @splat(both.*)));
}

inline fn addScaled(total: V, sums: Sums, scale: V, input_scale: f32) V {
    return simd.mulAdd(V, @floatFromInt(sums), scale * simd.splat(input_scale), total);
}

inline fn addOffset(total: V, minimum: V, offset: f32) V {
    return simd.mulAdd(V, minimum, simd.splat(offset), total);
}

/// output (+)= scale * (total + bias) for `count` rows from `row`.
fn write(job: *const Product, token: usize, row: usize, count: usize, totals: *const [parts]V) void {
    const output = job.output.? + token * job.output_stride + row;
    const values: [tiles.rows]f32 = @bitCast(totals.*);
    for (output[0..count], values[0..count], row..) |*place, value, r| {
        const biased = if (job.bias) |bias| value + bias[r] else value;
        const scaled = biased * job.scale;
        place.* = if (job.accumulate != 0) place.* + scaled else scaled;
    }
}
